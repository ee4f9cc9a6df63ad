/** Numbers over seeds. */

export interface Summary {
  readonly mean: number;
  /** Of the sample: divided by n - 1. Null for a single value. */
  readonly deviation: number | null;
  readonly n: number;
}

/** Null of nothing. Values that are not finite stay: a mean that hides them would mislead. */
export function summarise(values: readonly number[]): Summary | null {
  const n = values.length;
  if (n === 0) return null;
  const mean = values.reduce((sum, value) => sum + value, 0) / n;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { mean, deviation: n === 1 ? null : Math.sqrt(squares / (n - 1)), n };
}

/** Place of the median in the order of `values`, of two the lower one. */
export function medianIndex(values: readonly number[]): number {
  const order = values.map((_, i) => i).sort((a, b) => values[a]! - values[b]!);
  return order[Math.floor((order.length - 1) / 2)]!;
}
