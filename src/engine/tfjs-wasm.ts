import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-wasm';
import type { EngineInfo } from './contract';
import { installBatchMatMul } from './wasm-batch-mat-mul';
import { installIdentity } from './wasm-identity';

/** Node never gets the threaded build of this backend, so one thread is all there is. */
export async function prepareTfjsWasm(): Promise<EngineInfo> {
  await tf.setBackend('wasm');
  await tf.ready();
  installBatchMatMul();
  installIdentity();
  const simd = await tf.env().getAsync('WASM_HAS_SIMD_SUPPORT');
  return { name: 'tfjs-wasm', threads: 1, device: `WebAssembly${simd ? ' SIMD' : ''}` };
}
