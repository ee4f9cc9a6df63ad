/** Kernels of the ops in sdk/ops: all that is needed is in the table. Gradients: gradients.ts. */
import type * as tf from '@tensorflow/tfjs-core';
import { KERNELS } from '../kernel-table';
import { parametersOf, type KernelName } from '../library';
import type { Kernel, Kernels } from './registration';
import { Sizes } from './sizes';

/** The table's name of a kernel, and the one that tfjs knows it by. */
export const OPS: readonly (readonly [kernel: KernelName, op: string])[] = Object.entries(KERNELS).flatMap(
  ([name, entry]) => ('op' in entry ? [[name as KernelName, entry.op] as const] : []),
);

const INPUTS: readonly string[] = ['in', 'inOrNull', 'addedOrNull', 'ints'];

/** Tensors that a kernel reads, and those that it fills, in the order of the table. */
export const inputsOf = (kernel: KernelName) => parametersOf(kernel).filter(({ kind }) => INPUTS.includes(kind));
export const outputsOf = (kernel: KernelName) => parametersOf(kernel).filter(({ kind }) => kind.startsWith('out'));

function opKernel(kernel: KernelName): Kernel {
  const [parameters, results] = [inputsOf(kernel), outputsOf(kernel)];
  return ({ inputs, attrs, backend }) => {
    const given: Readonly<Record<string, tf.TensorInfo | undefined>> = inputs;
    const sizes = new Sizes(kernel, attrs);
    const tensors: Record<string, tf.TensorInfo | null> = {};
    for (const parameter of parameters) {
      const x = given[parameter.name];
      if (x) sizes.fit(parameter, x);
      tensors[parameter.name] = x ?? null;
    }
    const outputs = results.map((parameter) => {
      return (tensors[parameter.name] = backend.output(sizes.shape(parameter)));
    });
    backend.runAny(kernel, { ...attrs, ...sizes.values, ...tensors });
    return outputs.length === 1 ? outputs[0]! : outputs;
  };
}

export const ops: Kernels = Object.fromEntries(OPS.map(([kernel, op]) => [op, opKernel(kernel)]));
