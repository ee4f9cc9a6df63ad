import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import '../gradients';

/** Makes TensorFlow.js ready: the backend that is set, else the plain JavaScript one, the oracle of the tests. */
export async function readyBackend(): Promise<void> {
  // Else tfjs recommends another package on every start. Not its IS_TEST: that takes what a custom gradient saves for a leak.
  tf.enableProdMode();
  if (!tf.getBackend()) await tf.setBackend('cpu');
  await tf.ready();
}
