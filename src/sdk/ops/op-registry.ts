import * as tf from '@tensorflow/tfjs-core';
import '../gradients';
import type { OpKernels } from './kernels';

/** What kernel `K` reads. */
export type KernelInputs<K extends keyof OpKernels> = Readonly<
  Record<OpKernels[K]['inputs'], tf.Tensor> & Partial<Record<OpKernels[K]['optional'], tf.Tensor | null>>
>;

/**
 * All that the running backend's kernel of that name gives; null where it has none.
 *
 * An engine brings a faster kernel with `tf.registerKernel({ kernelName, backendName, kernelFunc })` and its gradient
 * with `tf.registerGradient({ kernelName, … })`.
 */
export function runKernel<K extends keyof OpKernels>(
  kernelName: K,
  inputs: KernelInputs<K>,
  attributes: OpKernels[K]['attributes'],
): tf.Tensor[] | null {
  if (tf.getKernel(kernelName, tf.getBackend()) === undefined) return null;
  const tensors: tf.NamedTensorMap = {};
  for (const [name, x] of Object.entries<tf.Tensor | null | undefined>(inputs)) if (x) tensors[name] = x;
  const output: unknown = tf.engine().runKernel(kernelName, tensors, { ...attributes });
  return Array.isArray(output) ? (output as tf.Tensor[]) : [output as tf.Tensor];
}

/** Runs an op of ours: the engine's kernel of that name where the running backend has one, else the composed form. */
export function runOp<K extends keyof OpKernels, T extends tf.Tensor>(
  kernelName: K,
  inputs: KernelInputs<K>,
  attributes: OpKernels[K]['attributes'],
  composed: () => T,
): T {
  const outputs = runKernel(kernelName, inputs, attributes);
  return outputs ? (outputs[0] as T) : composed();
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
