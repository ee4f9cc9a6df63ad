/** Time by kernel, of whichever backend runs: its registered kernels are registered again with a clock around them. */
import * as tf from '@tensorflow/tfjs-core';

export interface KernelTime {
  readonly kernel: string;
  readonly calls: number;
  /** Without what other registered kernels took that it called. */
  readonly milliseconds: number;
}

export interface KernelShare {
  readonly kernel: string;
  readonly callsPerStep: number;
  readonly millisecondsPerStep: number;
  /** Of the step, 0 to 1. */
  readonly share: number;
}

export interface Profile {
  readonly millisecondsPerStep: number;
  /** Largest first. */
  readonly kernels: readonly KernelShare[];
  /** What no kernel took: the tape, dispatch, matching, garbage collection, making the images' tensor. */
  readonly rest: { readonly millisecondsPerStep: number; readonly share: number };
}

export interface KernelClock {
  /** Forgets what was timed so far. */
  reset(): void;
  times(): KernelTime[];
}

/** Puts a clock around every kernel of a backend, for the rest of the process. */
export function timeKernels(backendName: string, now: () => number = () => performance.now()): KernelClock {
  const times = new Map<string, { calls: number; milliseconds: number }>();
  /** Taken by the kernels that the running one called. */
  let nested = 0;

  for (const config of tf.getKernelsForBackend(backendName)) {
    const kernelFunc: tf.KernelFunc = (params) => {
      const nestedBefore = nested;
      nested = 0;
      const start = now();
      try {
        return config.kernelFunc(params);
      } finally {
        const elapsed = now() - start;
        const time = times.get(config.kernelName) ?? { calls: 0, milliseconds: 0 };
        times.set(config.kernelName, { calls: time.calls + 1, milliseconds: time.milliseconds + elapsed - nested });
        nested = nestedBefore + elapsed;
      }
    };
    tf.unregisterKernel(config.kernelName, backendName);
    tf.registerKernel({ ...config, kernelFunc });
  }
  return {
    reset() {
      times.clear();
    },
    times: () => Array.from(times, ([kernel, time]) => ({ kernel, ...time })),
  };
}

/** @param stepSeconds of the steps that the times are of */
export function profileOf(times: readonly KernelTime[], stepSeconds: readonly number[]): Profile {
  const steps = stepSeconds.length;
  const total = 1000 * stepSeconds.reduce((sum, seconds) => sum + seconds, 0);
  const inKernels = times.reduce((sum, { milliseconds }) => sum + milliseconds, 0);
  const kernels = times.map(({ kernel, calls, milliseconds }) => ({
    kernel,
    callsPerStep: calls / steps,
    millisecondsPerStep: milliseconds / steps,
    share: milliseconds / total,
  }));
  return {
    millisecondsPerStep: total / steps,
    kernels: kernels.sort((a, b) => b.share - a.share),
    rest: { millisecondsPerStep: (total - inKernels) / steps, share: 1 - inKernels / total },
  };
}
