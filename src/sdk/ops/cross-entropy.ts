import * as tf from '@tensorflow/tfjs-core';
import type { Reduction } from '../contracts/loss';
import { runOp, withGradient } from './op-registry';

function perRow(logits: tf.Tensor2D, targets: tf.Tensor1D): tf.Tensor1D {
  return runOp('OscCrossEntropy', { logits, targets }, {}, () =>
    withGradient<tf.Tensor1D>([logits], () => {
      const classes = logits.shape[1];
      const shifted = tf.sub<tf.Tensor2D>(logits, tf.max(logits, -1, true));
      const exp = tf.exp(shifted);
      const total = tf.sum(exp, -1, true);
      // where, not a product: a masked class has the logit -Infinity
      const chosen = tf.where(tf.oneHot(targets, classes, 1, 0, 'bool'), shifted, tf.zerosLike(shifted));
      return {
        value: tf.sub<tf.Tensor1D>(tf.log(tf.squeeze(total, [1])), tf.sum(chosen, -1)),
        saved: [tf.div(exp, total), targets],
        gradient: (dy, saved) => {
          const [p, targets] = saved as [tf.Tensor2D, tf.Tensor1D];
          const oneHot = tf.oneHot(targets, classes, 1, 0, 'float32');
          return [tf.mul(tf.sub(p, oneHot), tf.expandDims(dy, 1))];
        },
      };
    }),
  );
}

/**
 * Softmax cross-entropy against class indices. A logit of `-Infinity` takes its class out.
 *
 * @param logits `[R, K]`
 * @param targets int32 `[R]`
 * @returns a scalar, or `[R]` with reduction `none`
 */
export function crossEntropy(logits: tf.Tensor2D, targets: tf.Tensor1D, reduction: Reduction = 'mean'): tf.Tensor {
  const losses = perRow(logits, targets);
  if (reduction === 'none') return losses;
  return reduction === 'mean' ? tf.mean(losses) : tf.sum(losses);
}
