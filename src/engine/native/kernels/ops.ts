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
  const [parameters, read, filled] = [parametersOf(kernel), inputsOf(kernel), outputsOf(kernel)];
  return ({ inputs, attrs, backend }) => {
    const tensors: Record<string, tf.TensorInfo | undefined> = { ...inputs };
    const sizes = new Sizes(kernel, parameters, attrs);
    for (const parameter of read) {
      const x = tensors[parameter.name];
      if (x) sizes.fit(parameter, x);
    }
    const outputs = filled.map((parameter) => backend.output(sizes.shape(parameter)));
    filled.forEach(({ name }, i) => (tensors[name] = outputs[i]));
    backend.runWith(kernel, ({ isArray, name }) => (isArray ? tensors[name] : (sizes.get(name) ?? attrs[name])));
    return outputs;
  };
}

export const ops: Kernels = Object.fromEntries(OPS.map(([kernel, op]) => [op, opKernel(kernel)]));
