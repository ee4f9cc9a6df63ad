import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { RandomSource } from 'osc-trainer/sdk';
import { testComponent, testOptions } from 'osc-trainer/sdk/testing';
import { SlotAttention } from './index';

testComponent(SlotAttention, { options: { num_iters: 2 } });
testOptions(SlotAttention, {
  valid: [{}, { num_iters: 1, hidden_mult: 0.5 }],
  invalid: [
    { options: { num_iters: 0 }, message: /num_iters/ },
    { options: { eps: -1 }, message: /eps/ },
  ],
});

beforeAll(() => tf.setBackend('cpu'));

test('maps: one an iteration, a distribution over slots for every token, only when asked for', () => {
  const slots = new SlotAttention(
    { hidden_mult: 2, num_iters: 3, eps: 1e-8 },
    { embedDim: 4 },
    null,
    new RandomSource(2),
  );
  const queries = tf.reshape(tf.sin(tf.range(0, 24)), [2, 3, 4]) as tf.Tensor3D;
  const features = tf.reshape(tf.cos(tf.range(0, 40)), [2, 5, 4]) as tf.Tensor3D;
  const mode = { training: false, step: 0 };
  expect(slots.forward(queries, features, mode).attention).toBeUndefined();
  const { slots: out, attention } = slots.forward(queries, features, { ...mode, attention: true });
  expect(out.shape).toEqual([2, 3, 4]);
  expect(attention!.map(({ shape }) => shape)).toEqual(Array(3).fill([2, 3, 5]));
  for (const map of attention!) for (const sum of tf.sum(map, 1).dataSync()) expect(sum).toBeCloseTo(1, 5);
});

test('with a large eps every slot takes the mean of all tokens', () => {
  const random = new RandomSource(2);
  const features = tf.tensor3d(random.stream('features').normals(20), [1, 5, 4]);
  const queries = tf.tensor3d([1, 0, 2, 3, 5, 1, -2, 0], [1, 2, 4]);
  const slotsFor = (eps: number, tokens: tf.Tensor3D): number[] => {
    const module = new SlotAttention({ hidden_mult: 2, num_iters: 1, eps }, { embedDim: 4 }, null, random);
    return Array.from(module.forward(queries, tokens, { training: false, step: 0 }).slots.dataSync());
  };
  const reversed = tf.reverse(features, 1);
  const distance = (a: number[], b: number[]): number => Math.max(...a.map((x, i) => Math.abs(x - b[i]!)));
  expect(distance(slotsFor(1e6, features), slotsFor(1e6, reversed))).toBeLessThan(1e-5);
  expect(distance(slotsFor(1e6, features), slotsFor(1e-8, features))).toBeGreaterThan(1e-3);
});

test('half a hidden unit is rounded to the even number as by numpy, so that weights fit the reference', () => {
  const made = new SlotAttention(
    { hidden_mult: 0.625, num_iters: 1, eps: 1e-8 },
    { embedDim: 4 },
    null,
    new RandomSource(2),
  );
  expect(made.namedParameters().get('mlp.0.weight')!.shape).toEqual([2, 4]);
});
