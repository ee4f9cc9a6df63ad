/** Points to cluster. Letters: N points, C coordinates, K clusters. */
export interface Points {
  /** `[N, C]` */
  readonly values: ArrayLike<number>;
  /** C */
  readonly width: number;
}

/** N */
export function countOf({ values, width }: Points): number {
  return values.length / width;
}

/** Squared Euclidean distance of a point of `a` and a point of `b`, given where they start. */
export function squaredDistance(a: ArrayLike<number>, i: number, b: ArrayLike<number>, j: number, width: number) {
  let sum = 0;
  for (let c = 0; c < width; c++) {
    const difference = a[i + c]! - b[j + c]!;
    sum += difference * difference;
  }
  return sum;
}

/** Points divided by their lengths, in float64; one of length 0 stays. */
export function directions({ values, width }: Points): Points {
  const unit = Float64Array.from(values);
  for (let start = 0; start < unit.length; start += width) {
    let sum = 0;
    for (let c = start; c < start + width; c++) sum += unit[c]! * unit[c]!;
    if (sum > 0) for (let c = start; c < start + width; c++) unit[c]! /= Math.sqrt(sum);
  }
  return { values: unit, width };
}
