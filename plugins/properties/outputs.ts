/** What a probe says of an object, and how wrong it is. Letters: R rows, D outputs, A categories. */
import type { ObjectProperties } from './scene-slots';

/** D numbers a row: the logits of each category, one category after the other, then x and y. */
export interface OutputLayout {
  /** `[A]`: values of each category. */
  readonly sizes: readonly number[];
  /** A position less the mean, divided by the deviation. */
  readonly standardize: (position: readonly [number, number]) => readonly [number, number];
}

/** D */
export function numOutputs({ sizes }: OutputLayout): number {
  return sizes.reduce((sum, size) => sum + size, 2);
}

/** `log Σ exp` of the logits from `start` to `end - 1`. */
function logSumExp(values: ArrayLike<number>, start: number, end: number): number {
  let greatest = -Infinity;
  for (let i = start; i < end; i++) greatest = Math.max(greatest, values[i]!);
  let sum = 0;
  for (let i = start; i < end; i++) sum += Math.exp(values[i]! - greatest);
  return greatest + Math.log(sum);
}

/**
 * The loss of one object: the cross-entropy of each category and the squared distance of the standardised position.
 *
 * @param outputs `[R, D]`
 * @param row of the slot that is asked
 */
export function lossOf(
  outputs: ArrayLike<number>,
  row: number,
  { codes, position }: ObjectProperties,
  layout: OutputLayout,
): number {
  let at = row * numOutputs(layout);
  let loss = 0;
  layout.sizes.forEach((size, a) => {
    loss += logSumExp(outputs, at, at + size) - outputs[at + codes[a]!]!;
    at += size;
  });
  const [x, y] = layout.standardize(position);
  return loss + (outputs[at]! - x) ** 2 + (outputs[at + 1]! - y) ** 2;
}

/**
 * Gradient of the mean of {@link lossOf} over rows.
 *
 * @param outputs `[R, D]`
 * @param objects that of each row
 * @returns `[R, D]`
 */
export function outputGradients(
  outputs: ArrayLike<number>,
  objects: readonly ObjectProperties[],
  layout: OutputLayout,
): Float32Array {
  const gradients = new Float32Array(outputs.length);
  const each = 1 / objects.length;
  let at = 0;
  for (const { codes, position } of objects) {
    layout.sizes.forEach((size, a) => {
      const total = logSumExp(outputs, at, at + size);
      for (let i = at; i < at + size; i++) gradients[i] = each * Math.exp(outputs[i]! - total);
      gradients[at + codes[a]!]! -= each;
      at += size;
    });
    for (const coordinate of layout.standardize(position)) {
      gradients[at] = 2 * each * (outputs[at]! - coordinate);
      at++;
    }
  }
  return gradients;
}
