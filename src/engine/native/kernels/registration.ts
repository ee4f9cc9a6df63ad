/** How kernels of the engine are written, and how they reach tfjs. */
import * as tf from '@tensorflow/tfjs-core';
import type { EngineBackend } from '../backend';

export interface KernelCall {
  readonly inputs: tf.NamedTensorInfoMap;
  readonly attrs: Readonly<Record<string, unknown>>;
  readonly backend: EngineBackend;
}

/** Null: not for me (another dtype, a rare option); the `cpu` backend's kernel takes the call. */
export type Kernel = (call: KernelCall) => tf.TensorInfo | tf.TensorInfo[] | null;
export type Kernels = Readonly<Record<string, Kernel>>;

export const isFloat = (x: tf.TensorInfo): boolean => x.dtype === 'float32';

/** Inputs of kernels that take a list have the indices as names. */
export const listOf = (inputs: tf.NamedTensorInfoMap): tf.TensorInfo[] => Object.values(inputs) as tf.TensorInfo[];

/** Every kernel of the `cpu` backend under its own name, with ours in front where there is one; then our own ops. */
export function registerKernels(backendName: string, kernels: Kernels): void {
  const known = new Set<string>();
  for (const { kernelName, kernelFunc } of tf.getKernelsForBackend('cpu')) {
    known.add(kernelName);
    const ours = kernels[kernelName];
    const fallback = (call: KernelCall): tf.TensorInfo | tf.TensorInfo[] => {
      for (const input of listOf(call.inputs)) {
        if (Array.isArray(input)) (input as tf.TensorInfo[]).forEach((x) => call.backend.evict(x));
        else if (input) call.backend.evict(input);
      }
      return kernelFunc(call as never);
    };
    const run = ours ? (call: KernelCall) => ours(call) ?? fallback(call) : fallback;
    tf.registerKernel({ kernelName, backendName, kernelFunc: run as never });
  }
  for (const [kernelName, kernel] of Object.entries(kernels)) {
    if (known.has(kernelName)) continue;
    const run = (call: KernelCall): tf.TensorInfo | tf.TensorInfo[] => {
      const output = kernel(call);
      if (output === null) throw new TypeError(`${kernelName} has no other kernel to take this call.`);
      return output;
    };
    tf.registerKernel({ kernelName, backendName, kernelFunc: run as never });
  }
}
