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

/** Our engines call C++ kernels, from those of tfjs and from gradients; they are rows of their own. */
interface WithKernels {
  kernels?: Record<string, (...args: unknown[]) => unknown>;
}

/** Puts a clock around every kernel of the current backend, for the rest of the process. */
export function timeKernels(backendName: string, now: () => number = () => performance.now()): KernelClock {
  const times = new Map<string, { calls: number; milliseconds: number }>();
  /** Taken by what the running function called. */
  let nested = 0;

  function timed<A extends unknown[], R>(name: string, f: (...args: A) => R): (...args: A) => R {
    return (...args) => {
      const nestedBefore = nested;
      nested = 0;
      const start = now();
      try {
        return f(...args);
      } finally {
        const elapsed = now() - start;
        const time = times.get(name) ?? { calls: 0, milliseconds: 0 };
        times.set(name, { calls: time.calls + 1, milliseconds: time.milliseconds + elapsed - nested });
        nested = nestedBefore + elapsed;
      }
    };
  }

  for (const config of tf.getKernelsForBackend(backendName)) {
    tf.unregisterKernel(config.kernelName, backendName);
    tf.registerKernel({ ...config, kernelFunc: timed(config.kernelName, config.kernelFunc) });
  }
  const backend = tf.engine().findBackend(backendName) as unknown as WithKernels | null;
  if (backend?.kernels) {
    const kernels = Object.entries(backend.kernels).filter(([, kernel]) => typeof kernel === 'function');
    backend.kernels = Object.fromEntries(kernels.map(([name, kernel]) => [name, timed(`C++ ${name}`, kernel)]));
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
