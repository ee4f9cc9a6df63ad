/**
 * A tfjs backend that computes as `cpu` does and, while a recorder listens, tells it of every kernel that runs. So whatever is
 * made of tfjs ops can be recorded, plugins included; ops of the SDK run in their composed form.
 */
import * as tf from '@tensorflow/tfjs-core';
import { MathBackendCPU } from '@tensorflow/tfjs-backend-cpu';

const NAME = 'osc-tracing';

export interface KernelListener {
  /** After a kernel has run. */
  ran(kernel: string, inputs: tf.NamedTensorInfoMap, attrs: tf.NamedAttrMap, outputs: readonly tf.TensorInfo[]): void;
  /** The values of a tensor are asked for by the code that runs, not by a kernel. */
  read(dataId: object): void;
}

let listener: KernelListener | null = null;
/** Kernels read their inputs, too, and may run others inside. */
let depth = 0;

class TracingBackend extends MathBackendCPU {
  override readSync(dataId: object): tf.BackendValues {
    if (depth === 0) listener?.read(dataId);
    return super.readSync(dataId);
  }
}

function listenTo(kernel: tf.KernelConfig): tf.KernelConfig {
  return {
    ...kernel,
    backendName: NAME,
    kernelFunc(args) {
      depth++;
      try {
        const result = kernel.kernelFunc(args);
        const outputs = Array.isArray(result) ? result : [result];
        if (depth === 1) listener?.ran(kernel.kernelName, args.inputs, args.attrs ?? {}, outputs);
        return result;
      } finally {
        depth--;
      }
    },
  };
}

/** Runs `f` on the tracing backend; afterwards the backend of before is the current one again. */
export async function onTracingBackend<T>(f: () => T): Promise<T> {
  const before = tf.getBackend();
  if (tf.engine().registryFactory[NAME] === undefined) tf.registerBackend(NAME, () => new TracingBackend());
  for (const kernel of tf.getKernelsForBackend('cpu')) {
    if (tf.getKernel(kernel.kernelName, NAME) === undefined) tf.registerKernel(listenTo(kernel));
  }
  await tf.setBackend(NAME);
  try {
    return f();
  } finally {
    await tf.setBackend(before);
  }
}

/** Tells `to` of every kernel that `f` runs. */
export function listening<T>(to: KernelListener, f: () => T): T {
  listener = to;
  try {
    return f();
  } finally {
    listener = null;
  }
}

/** The values of a tensor, read without the listener being told. */
export function readUnheard(dataId: object): tf.BackendValues {
  depth++;
  try {
    return tf.engine().backend.readSync(dataId); // the engine does not know the outputs of a kernel yet
  } finally {
    depth--;
  }
}
