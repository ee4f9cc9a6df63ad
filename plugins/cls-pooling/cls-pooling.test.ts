import * as tf from '@tensorflow/tfjs-core';
import { testComponent } from 'osc-trainer/sdk/testing';
import { ClsPooling } from './index';

testComponent(ClsPooling);

test('gives the class token, and needs one', async () => {
  await tf.setBackend('cpu');
  const token = tf.tensor2d([[1, 2]]);
  expect(new ClsPooling().pool(tf.zeros([1, 3, 2]), token).arraySync()).toEqual([[1, 2]]);
  expect(() => new ClsPooling().pool(tf.zeros([1, 3, 2]), null)).toThrow('no class token');
});
