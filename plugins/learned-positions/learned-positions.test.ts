import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { RandomSource } from 'osc-trainer/sdk';
import { testComponent, testOptions } from 'osc-trainer/sdk/testing';
import { sinePositions } from 'osc-trainer/sdk/nn';
import { LearnedPositions } from './index';

testComponent(LearnedPositions);
testComponent(LearnedPositions, {
  options: { init: 'sine' },
  title: 'contract of pos_embed "learned" that starts as sines',
});
testOptions(LearnedPositions, {
  valid: [{}, { init: 'sine' }],
  invalid: [
    { options: { dropout: 0.1 }, message: /dropout/ },
    { options: { init: 'cosine' }, message: /init/ },
  ],
});

const make = (rate: number): LearnedPositions =>
  new LearnedPositions({ init: 'normal' }, { grid: [1, 3], numTokens: 3, embedDim: 2 }, rate, new RandomSource(1));

test('adds the same table to every sample', () => {
  const positions = make(0);
  positions
    .namedParameters()
    .get('embed')!
    .assign(tf.tensor2d([1, 2, 3, 4, 5, 6], [3, 2]));
  const out = positions.forward(tf.zeros([2, 3, 2]), { training: true, step: 0 });
  expect(Array.from(out.dataSync())).toEqual([1, 2, 3, 4, 5, 6, 1, 2, 3, 4, 5, 6]);
});

test('drops after adding, with draws of its own for each scope it is called in', () => {
  const positions = make(0.5);
  const run = (scope: string, training = true): number[] =>
    Array.from(positions.forward(tf.ones([8, 3, 2]), { training, step: 0, scope }).dataSync());
  expect(run('a')).toContain(0);
  expect(run('a')).toEqual(run('a'));
  expect(run('a')).not.toEqual(run('b'));
  expect(run('a', false)).not.toContain(0);
});

test('starts as sines of the grid, or is no such width', () => {
  const sine = (embedDim: number): LearnedPositions =>
    new LearnedPositions({ init: 'sine' }, { grid: [2, 3], numTokens: 6, embedDim }, 0, new RandomSource(1));
  const embed = sine(8).namedParameters().get('embed')!;
  expect(embed.dataSync()).toEqual(sinePositions([2, 3], 8, '')([6, 8]));
  expect(() => sine(6)).toThrow(expect.objectContaining({ name: 'UsageError' }));
});
