import type { Points } from 'osc-trainer/sdk/metrics';

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
