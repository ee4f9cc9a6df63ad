import * as tf from '@tensorflow/tfjs-core';
import { testComponent } from 'osc-trainer/sdk/testing';
import { AvgPooling } from './index';

testComponent(AvgPooling);

test('is the mean over patches', async () => {
  await tf.setBackend('cpu');
  const tokens = tf.tensor3d([1, 2, 3, 4, 5, 9], [1, 3, 2]);
  expect(new AvgPooling().pool(tokens).arraySync()).toEqual([[3, 5]]);
});
