/** Shapes of the ops of ours. C++ checks lengths: a matrix that lies the other way round would pass there. */
import type * as tf from '@tensorflow/tfjs-core';
import { isFloat, type KernelCall } from './registration';

const inWords = (shape: readonly number[]): string => `[${shape.join(', ')}]`;

/** @param x may be left out; @throws TypeError that names the op and both shapes */
export function requireShape(op: string, name: string, x: tf.TensorInfo | undefined, shape: readonly number[]): void {
  if (x === undefined || (x.shape.length === shape.length && shape.every((side, axis) => side === x.shape[axis])))
    return;
  throw new TypeError(`${op}: ${name} must have shape ${inWords(shape)}, not ${inWords(x.shape)}.`);
}

/** @throws TypeError that names the op and the first of the inputs that is something else */
export function requireFloats(op: string, inputs: KernelCall['inputs']): void {
  for (const [name, x] of Object.entries(inputs as Record<string, tf.TensorInfo | undefined>)) {
    if (x !== undefined && !isFloat(x)) {
      throw new TypeError(`${op}: ${name} must be float32, not ${x.dtype} ${inWords(x.shape)}.`);
    }
  }
}

/** @throws TypeError */
export function requireRank(op: string, name: string, x: tf.TensorInfo, axes: readonly string[]): void {
  if (x.shape.length === axes.length) return;
  throw new TypeError(`${op}: ${name} must have shape [${axes.join(', ')}], not ${inWords(x.shape)}.`);
}
