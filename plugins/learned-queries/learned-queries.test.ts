import * as tf from '@tensorflow/tfjs-core';
import { RandomSource } from 'osc-trainer/sdk';
import { testComponent, testOptions } from 'osc-trainer/sdk/testing';
import { LearnedQueries } from './index';

testComponent(LearnedQueries, { options: { num_objects: 3 } });
testOptions(LearnedQueries, {
  valid: [{}, { num_objects: 1 }],
  invalid: [{ options: { num_objects: 0 }, message: /num_objects/ }],
});

test('every image starts from the same tokens; another number of them is an error of use', async () => {
  await tf.setBackend('cpu');
  const learned = new LearnedQueries({ num_objects: 2 }, { embedDim: 3 }, new RandomSource(1));
  const mode = { training: false, step: 0 };
  const tokens = Array.from(learned.namedParameters().get('tokens')!.dataSync());
  const queries = learned.queries(tf.zeros([2, 4, 3]), mode);
  expect(Array.from(queries.dataSync())).toEqual([...tokens, ...tokens]);
  expect(() => learned.queries(tf.zeros([2, 4, 3]), mode, 5)).toThrow(expect.objectContaining({ name: 'UsageError' }));
});
