import * as tf from '@tensorflow/tfjs-core';
import { runOp } from './op-registry';

/** Exponentials over one axis, whose sum is 1. `tf.softmax` has the last axis only. */
export function softmax<T extends tf.Tensor>(x: T, axis = -1): T {
  const along = tf.util.parseAxisParam(axis, x.shape)[0]!;
  const [outer, inner] = [x.shape.slice(0, along), x.shape.slice(along + 1)];
  const cube = withShape<tf.Tensor3D>(x, [tf.util.sizeFromShape(outer), x.shape[along]!, tf.util.sizeFromShape(inner)]);
  return withShape<T>(
    runOp('OscSoftmax', { x: cube }, {}, () => overMiddle(cube)),
    x.shape,
  );
}

/** No op where it has that shape. */
function withShape<T extends tf.Tensor>(x: tf.Tensor, shape: readonly number[]): T {
  return (tf.util.arraysEqual(x.shape, shape as number[]) ? x : tf.reshape(x, [...shape])) as T;
}

/** `[O, N, I]`, over N. */
function overMiddle(x: tf.Tensor3D): tf.Tensor3D {
  const [outer, n, inner] = x.shape;
  if (inner === 1) return tf.reshape(tf.softmax(tf.reshape<tf.Rank.R2>(x, [outer, n])), x.shape);
  return tf.transpose(tf.softmax(tf.transpose(x, [0, 2, 1])), [0, 2, 1]);
}
