import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import type { EngineInfo } from './contract';

export async function prepareCpu(): Promise<EngineInfo> {
  tf.enableProdMode(); // else tfjs recommends another package on every start
  await tf.setBackend('cpu');
  await tf.ready();
  return { name: 'cpu', threads: 1, device: 'JavaScript' };
}
