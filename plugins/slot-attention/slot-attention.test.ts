import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { RandomSource } from 'osc-trainer/sdk';
import { testComponent, testOptions } from 'osc-trainer/sdk/testing';
import { SlotAttention } from './index';

testComponent(SlotAttention, { options: { num_iters: 2 } });
testComponent(SlotAttention, {
  options: { num_iters: 3, gradient: 'last' },
  title: 'contract of obj_fn "slot-attention" with the gradient of the last iteration',
});
testOptions(SlotAttention, {
  valid: [{}, { num_iters: 1, hidden_mult: 0.5 }, { gradient: 'last' }],
  invalid: [
    { options: { num_iters: 0 }, message: /num_iters/ },
    { options: { eps: -1 }, message: /eps/ },
    { options: { gradient: 'first' }, message: /gradient/ },
  ],
});

beforeAll(async () => {
  tf.enableProdMode();
  await tf.setBackend('cpu');
});

test('maps: one an iteration, a distribution over slots for every token, only when asked for', () => {
  const slots = new SlotAttention(
    { hidden_mult: 2, num_iters: 3, gradient: 'all', eps: 1e-8 },
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
    const module = new SlotAttention(
      { hidden_mult: 2, num_iters: 1, gradient: 'all', eps },
      { embedDim: 4 },
      null,
      random,
    );
    return Array.from(module.forward(queries, tokens, { training: false, step: 0 }).slots.dataSync());
  };
  const reversed = tf.reverse(features, 1);
  const distance = (a: number[], b: number[]): number => Math.max(...a.map((x, i) => Math.abs(x - b[i]!)));
  expect(distance(slotsFor(1e6, features), slotsFor(1e6, reversed))).toBeLessThan(1e-5);
  expect(distance(slotsFor(1e6, features), slotsFor(1e-8, features))).toBeGreaterThan(1e-3);
});

test('half a hidden unit is rounded to the even number as by numpy, so that weights fit the reference', () => {
  const made = new SlotAttention(
    { hidden_mult: 0.625, num_iters: 1, gradient: 'all', eps: 1e-8 },
    { embedDim: 4 },
    null,
    new RandomSource(2),
  );
  expect(made.namedParameters().get('mlp.0.weight')!.shape).toEqual([2, 4]);
});

describe('gradient: last', () => {
  const make = (num_iters: number, gradient: 'all' | 'last'): SlotAttention =>
    new SlotAttention({ hidden_mult: 2, num_iters, gradient, eps: 1e-8 }, { embedDim: 4 }, null, new RandomSource(2));
  const queries = tf.tensor3d(new RandomSource(3).stream('queries').normals(24), [2, 3, 4]);
  const features = tf.tensor3d(new RandomSource(4).stream('features').normals(40), [2, 5, 4]);
  const training = { training: true, step: 0 };

  /** Of queries, of features, then of all parameters. */
  function gradients(module: SlotAttention, forward: (q: tf.Tensor3D, f: tf.Tensor3D) => tf.Tensor3D): number[][] {
    const inputs = [tf.variable(queries), tf.variable(features)];
    const all = [...inputs, ...module.namedParameters().values()];
    const weights = tf.tensor3d(new RandomSource(5).stream('weights').normals(24), [2, 3, 4]);
    const { grads } = tf.variableGrads(
      () => tf.sum(tf.mul(weights, forward(inputs[0] as tf.Tensor3D, inputs[1] as tf.Tensor3D))),
      all,
    );
    return all.map(({ name }) => Array.from(grads[name]!.dataSync()));
  }
  const close = (given: number[][], expected: number[][]): void => {
    given.forEach((values, i) => values.forEach((value, j) => expect(value).toBeCloseTo(expected[i]![j]!, 5)));
  };

  test('is that of one iteration from slots that are found without gradient; the queries have it as it is', () => {
    const [one, three] = [make(1, 'all'), make(3, 'last')];
    // PyTorch: slots = (two iterations).detach() + queries - queries.detach(), then one iteration
    const found = make(2, 'all').forward(queries, features, training).slots;
    const expected = gradients(one, (q, f) => one.forward(tf.add(tf.sub(found, queries), q), f, training).slots);
    close(
      gradients(three, (q, f) => three.forward(q, f, training).slots),
      expected,
    );
    close(
      gradients(three, (q, f) => three.forward(q, f, { ...training, attention: true }).slots),
      expected,
    );
    const all = make(3, 'all');
    const [ofQueries] = gradients(all, (q, f) => all.forward(q, f, training).slots);
    expect(Math.max(...ofQueries!.map((value, i) => Math.abs(value - expected[0]![i]!)))).toBeGreaterThan(0.01);
  });

  test('changes nothing that is computed, and one iteration not even the gradient', () => {
    const mode = { training: false, step: 0, attention: true };
    const [all, last] = (['all', 'last'] as const).map((gradient) =>
      make(3, gradient).forward(queries, features, mode),
    );
    expect(last!.slots.dataSync()).toEqual(all!.slots.dataSync());
    expect(last!.attention!.map((map) => map.dataSync())).toEqual(all!.attention!.map((map) => map.dataSync()));
    const [one, other] = [make(1, 'all'), make(1, 'last')];
    const of = (module: SlotAttention): number[][] => gradients(module, (q, f) => module.forward(q, f, training).slots);
    expect(of(other)).toEqual(of(one));
  });

  test('leaves nothing of the first iterations on the tape', () => {
    const kept = (gradient: 'all' | 'last', num_iters: number): number => {
      const module = make(num_iters, gradient);
      let tensors = 0;
      tf.variableGrads(() => {
        const { slots } = module.forward(queries, features, training);
        tensors = tf.memory().numTensors;
        return tf.sum(slots);
      }, [...module.namedParameters().values()]);
      return tensors - tf.memory().numTensors;
    };
    expect(kept('last', 6)).toBe(kept('last', 2));
    expect(kept('all', 6)).toBeGreaterThan(kept('all', 2));
  });
});
