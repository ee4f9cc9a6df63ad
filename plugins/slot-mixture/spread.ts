import * as tf from '@tensorflow/tfjs-core';
import { withGradient } from 'osc-trainer/sdk/ops';

/**
 * `relu(slot + place)` for every pair: `[R, H]`, `[N, H]` → `[R, N, H]`. Its gradients are two sums, that over slots as a product
 * with ones: tfjs's own would bring axes to the end first.
 */
export function spread(slots: tf.Tensor2D, places: tf.Tensor2D): tf.Tensor3D {
  const [rows, width] = slots.shape;
  const [count] = places.shape;
  return withGradient<tf.Tensor3D>([slots, places], () => {
    const value = tf.relu(tf.add<tf.Tensor3D>(tf.reshape(slots, [rows, 1, width]), places));
    return {
      value,
      saved: [value],
      gradient: (dy, [y]) => {
        const inside = tf.mul<tf.Tensor3D>(dy, tf.step(y!));
        const flat = tf.reshape<tf.Rank.R2>(inside, [rows, count * width]);
        return [tf.sum(inside, 1), tf.reshape(tf.matMul(tf.ones([1, rows]), flat), [count, width])];
      },
    };
  });
}
