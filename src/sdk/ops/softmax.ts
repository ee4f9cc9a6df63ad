import * as tf from '@tensorflow/tfjs-core';
import { runOp } from './op-registry';

/** Input `x`; attribute `axis`, from 0; output of the same shape. */
export const SOFTMAX_KERNEL = 'OscSoftmax';

/** Exponentials over one axis, whose sum is 1. `tf.softmax` has the last axis only. */
export function softmax<T extends tf.Tensor>(x: T, axis = -1): T {
  const last = x.shape.length - 1;
  const along = tf.util.parseAxisParam(axis, x.shape)[0]!;
  return runOp(SOFTMAX_KERNEL, { x }, { axis: along }, () => {
    if (along === last) return tf.softmax<T>(x);
    const perm = [...x.shape.keys()];
    [perm[along], perm[last]] = [last, along];
    return tf.transpose(tf.softmax(tf.transpose<T>(x, perm)), perm);
  });
}
