import * as tf from '@tensorflow/tfjs-core';
import { withGradient } from './op-registry';

/**
 * Sums over all leading axes: `[..., C]` → `[C]`. A product with ones, as `tf.sum` on `cpu` brings axis 0 to the end first and
 * takes ten times as long.
 */
export function sumRows(x: tf.Tensor, width: number): tf.Tensor1D {
  const rows = x.size / width;
  return tf.reshape(tf.matMul(tf.ones([1, rows]), tf.reshape(x, [rows, width])), [width]);
}

/**
 * `x + e` where `e` has the trailing axes of `x`: a bias, positions. `[..., *E] + [*E]` → `[..., *E]`.
 * tfjs's own gradient of a broadcast is a `tf.sum` over axis 0: see {@link sumRows}.
 */
export function addRows<T extends tf.Tensor>(x: T, e: tf.Tensor): T {
  return withGradient<T>([x, e], () => ({
    value: tf.add<T>(x, e),
    saved: [],
    gradient: (dy) => [tf.clone(dy), tf.reshape(sumRows(dy, e.size), e.shape)],
  }));
}
