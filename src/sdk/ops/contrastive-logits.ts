import * as tf from '@tensorflow/tfjs-core';

/** Added to a logit its class has probability exactly 0, and gradient 0 too (with -Infinity it is NaN). */
const EXCLUDED = -1e30;

/**
 * Logits of picking one vector out of all others: cosines over the temperature, without that of a vector to itself.
 *
 * @param cosines `[..., R, R]`
 */
export function contrastiveLogits<T extends tf.Tensor>(cosines: T, temperature: number): T {
  const rows = cosines.shape[cosines.rank - 1]!;
  return tf.add<T>(tf.mul(cosines, 1 / temperature), tf.mul(tf.eye(rows), EXCLUDED));
}
