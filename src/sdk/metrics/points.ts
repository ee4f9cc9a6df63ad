/** Points to cluster. Letters: N points, C coordinates, K clusters. */
export interface Points {
  /** `[N, C]` */
  readonly values: ArrayLike<number>;
  /** C */
  readonly width: number;
}

/** N */
export function countPoints({ values, width }: Points): number {
  return values.length / width;
}

/** Squared Euclidean distance of a point of `a` and a point of `b`, given where they start. */
export function squaredDistance(
  a: ArrayLike<number>,
  i: number,
  b: ArrayLike<number>,
  j: number,
  width: number,
): number {
  let sum = 0;
  for (let c = 0; c < width; c++) {
    const difference = a[i + c]! - b[j + c]!;
    sum += difference * difference;
  }
  return sum;
}
