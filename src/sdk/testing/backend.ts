import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import '../gradients';

/** Makes TensorFlow.js ready: the backend that is set, else the plain JavaScript one, the oracle of the tests. */
export async function readyBackend(): Promise<void> {
  tf.env().set('IS_TEST', true); // else tfjs recommends another package on every start
  if (!tf.getBackend()) await tf.setBackend('cpu');
  await tf.ready();
}
