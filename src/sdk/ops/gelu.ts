import * as tf from '@tensorflow/tfjs-core';
import { runOp, withGradient } from './op-registry';

/** GELU, the exact form with erf: `x Φ(x)`. */
export function gelu<T extends tf.Tensor>(x: T): T {
  return runOp('OscGelu', { x }, {}, () =>
    withGradient<T>([x], () => {
      const cdf = tf.mul(tf.add(tf.erf(tf.mul(x, Math.SQRT1_2)), 1), 0.5);
      return {
        value: tf.mul<T>(x, cdf),
        saved: [x, cdf],
        gradient: (dy, [x, cdf]) => {
          const pdf = tf.mul(tf.exp(tf.mul(tf.square(x!), -0.5)), 1 / Math.sqrt(2 * Math.PI));
          return [tf.mul(dy, tf.add(cdf!, tf.mul(x!, pdf)))];
        },
      };
    }),
  );
}
