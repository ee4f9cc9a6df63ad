import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import { EngineBackend } from './backend';
import { registerGradients } from './gradients';
import { kernels } from './kernels';
import { registerKernels } from './kernels/registration';
import type { Library } from './library';

/**
 * Registers the backend of an engine of ours with its kernels and their gradients, unless it is there.
 *
 * @param cap bytes beyond which memory that holds nothing is given back
 */
export function installBackend(name: string, library: Library, cap: number): void {
  if (tf.findBackendFactory(name) !== null) return;
  registerKernels(name, kernels);
  registerGradients();
  tf.registerBackend(name, () => new EngineBackend(library, cap));
}
