import * as tf from '@tensorflow/tfjs-core';
import type { Mode } from '../module';
import type { RandomSource } from '../random';

/** Zeros with probability `rate`, else `1 / (1 - rate)`; a function of the source, the step and the scope of the call. */
function mask(shape: number[], rate: number, mode: Mode, random: RandomSource): tf.Tensor {
  const stream = random.scope(mode.scope ?? '').stream('dropout', mode.step);
  const keep = rate < 1 ? 1 / (1 - rate) : 0;
  const bound = rate * 2 ** 32;
  const values = new Float32Array(tf.util.sizeFromShape(shape));
  for (let i = 0; i < values.length; i++) values[i] = stream.bits() < bound ? 0 : keep;
  return tf.tensor(values, shape);
}

/** A dropout mask `[...shape]`, or null where nothing is dropped. */
export function dropoutMask(shape: number[], rate: number, mode: Mode, random: RandomSource): tf.Tensor | null {
  return mode.training && rate > 0 ? mask(shape, rate, mode, random) : null;
}

/** Zeroes elements with probability `rate` in training and scales the others; any shape. */
export function dropout<T extends tf.Tensor>(x: T, rate: number, mode: Mode, random: RandomSource): T {
  const drawn = dropoutMask(x.shape, rate, mode, random);
  return drawn === null ? x : tf.mul<T>(x, drawn);
}

/** Stochastic depth: drops a whole sample (row of axis 0) of a residual branch with probability `rate`. */
export function dropPath<T extends tf.Tensor>(x: T, rate: number, mode: Mode, random: RandomSource): T {
  const drawn = dropoutMask([x.shape[0]!, ...x.shape.slice(1).map(() => 1)], rate, mode, random);
  return drawn === null ? x : tf.mul<T>(x, drawn);
}
