/**
 * Loads tfjs-node's kernels and addon onto the running copy of tfjs-core. Its own main module is left aside: that loads
 * the union package `@tensorflow/tfjs`, and so more backends and a second set of layers, and of all that it needs only
 * tfjs-core.
 */
import { createRequire } from 'node:module';
import { realpathSync } from 'node:fs';
import { join, sep } from 'node:path';
import util from 'node:util';
import * as tf from '@tensorflow/tfjs-core';
import { hookRequire } from '../../util/module-hooks';
import { threadsOf } from '../machine';
import { packageOf } from './variant';
import type { FoundPackage } from './find';

/** The backend's name in tfjs. */
export const BACKEND = 'tensorflow';

interface Binding {
  readonly TF_Version: string;
}

interface NodeBackend extends tf.KernelBackend {
  readonly isUsingGpuDevice: boolean;
}

type NodeBackendClass = new (binding: Binding, packageName: string) => NodeBackend;

export interface LoadedTensorflow {
  /** Version of the TensorFlow library. */
  readonly version: string;
  /** Whether TensorFlow computes on a GPU. */
  readonly onGpu: boolean;
  /** Threads of one op on the CPU. */
  readonly threads: number;
}

const shared = new Set<string>();

/** From now on what lies in `folder` gets the running tfjs-core, and in place of the union package too. */
function shareTfjsCore(folder: string): void {
  const inside = realpathSync(folder) + sep;
  if (shared.has(inside)) return;
  shared.add(inside);
  const core = createRequire(__filename).resolve('@tensorflow/tfjs-core');
  hookRequire((request, importer, next) => {
    const tfjs = request === '@tensorflow/tfjs' || request === '@tensorflow/tfjs-core';
    return tfjs && importer?.filename.startsWith(inside) === true ? core : next(request, importer);
  });
}

/** tfjs-node calls what Node 23 has dropped. */
export function restoreUtil(module: object = util): void {
  const dropped = {
    isNullOrUndefined: (value: unknown): boolean => value === null || value === undefined,
    isArray: (value: unknown): boolean => Array.isArray(value),
  };
  for (const [name, value] of Object.entries(dropped)) {
    if (!(name in module)) Object.defineProperty(module, name, { value, configurable: true });
  }
}

/** TensorFlow reads these once, when it is loaded; what the user has set stays. */
export function setEnvironment(threads: number | null, env: NodeJS.ProcessEnv = process.env): void {
  // the GPU's memory as it is needed, not all of it at once
  env['TF_FORCE_GPU_ALLOW_GROWTH'] ??= 'true';
  // products in float32, not in TF32 of ten bits
  env['NVIDIA_TF32_OVERRIDE'] ??= '0';
  // errors only
  env['TF_CPP_MIN_LOG_LEVEL'] ??= '2';
  const own = Number(env['TF_NUM_INTRAOP_THREADS']);
  // TensorFlow takes what is no number for all cores, and begins as many threads as a number says
  if (threads !== null || !Number.isInteger(own) || own < 1) env['TF_NUM_INTRAOP_THREADS'] = String(threadsOf(threads));
}

let loaded: LoadedTensorflow | undefined;

/** Registers the backend `tensorflow`. Once a process: later calls change nothing. @throws Error of the package or the dynamic linker */
export function loadTensorflow(
  { variant, folder, addon }: FoundPackage,
  threads: number | null = null,
): LoadedTensorflow {
  if (loaded !== undefined) return loaded;
  setEnvironment(threads);
  restoreUtil();
  shareTfjsCore(folder);
  const require = createRequire(join(folder, 'package.json'));
  const binding = require(addon) as Binding;
  require('./dist/register_all_kernels');
  const { NodeJSKernelBackend } = require('./dist/nodejs_kernel_backend') as { NodeJSKernelBackend: NodeBackendClass };
  const backend = new NodeJSKernelBackend(binding, packageOf(variant));
  tf.registerBackend(BACKEND, () => backend);
  loaded = {
    version: binding.TF_Version,
    onGpu: backend.isUsingGpuDevice,
    threads: Number(process.env['TF_NUM_INTRAOP_THREADS']),
  };
  return loaded;
}
