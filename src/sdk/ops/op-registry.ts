import * as tf from '@tensorflow/tfjs-core';
import '../gradients';

/**
 * Runs an op of ours: the engine's kernel of that name where the running backend has one, else the composed form.
 *
 * An engine brings a faster kernel with `tf.registerKernel({ kernelName, backendName, kernelFunc })` and its gradient
 * with `tf.registerGradient({ kernelName, … })`; inputs, attributes and output are those that the op's file documents.
 */
export function runOp<T extends tf.Tensor>(
  kernelName: string,
  inputs: tf.NamedTensorMap,
  attrs: tf.NamedAttrMap,
  composed: () => T,
): T {
  if (tf.getKernel(kernelName, tf.getBackend()) === undefined) return composed();
  const output: unknown = tf.engine().runKernel(kernelName, inputs, attrs);
  return (Array.isArray(output) ? output[0] : output) as T;
}

/** A forward value, what its gradient needs, and the gradient: one tensor an input, in their order. */
export interface Differentiable<T extends tf.Tensor> {
  readonly value: T;
  readonly saved: readonly tf.Tensor[];
  gradient(dy: T, saved: readonly tf.Tensor[]): tf.Tensor[];
}

/** `tf.customGrad` with types: `forward` runs off the tape, and so leaves nothing but `saved` behind. */
export function withGradient<T extends tf.Tensor>(inputs: readonly tf.Tensor[], forward: () => Differentiable<T>): T {
  const op = tf.customGrad<T>((...args) => {
    const save = args[args.length - 1] as tf.GradSaveFunc;
    const { value, saved, gradient } = forward();
    save([...saved]);
    return { value, gradFunc: (dy: T, kept: tf.Tensor[]) => gradient(dy, kept) };
  });
  return op(...inputs);
}
