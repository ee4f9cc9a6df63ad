import * as tf from '@tensorflow/tfjs-core';
import { runOp, withGradient } from './op-registry';

/** `x / max(‖x‖, epsilon)` over the last axis. A zero vector gives zero, with a finite gradient. */
export function l2Normalize<T extends tf.Tensor>(x: T, epsilon = 1e-10): T {
  return runOp('OscL2Normalize', { x }, { epsilon }, () =>
    withGradient<T>([x], () => {
      const norm = tf.sqrt(tf.sum(tf.square(x), -1, true));
      const bounded = tf.maximum(norm, epsilon);
      const unit = tf.div<T>(x, bounded);
      return {
        value: unit,
        saved: [unit, norm, bounded],
        gradient: (dy, saved) => {
          const [unit, norm, bounded] = saved as [T, tf.Tensor, tf.Tensor];
          // below epsilon the divisor is a constant
          const along = tf.mul(tf.sum(tf.mul(dy, unit), -1, true), tf.cast(tf.greater(norm, epsilon), 'float32'));
          return [tf.div(tf.sub(dy, tf.mul(unit, along)), bounded)];
        },
      };
    }),
  );
}
