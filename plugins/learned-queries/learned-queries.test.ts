import * as tf from '@tensorflow/tfjs-core';
import { RandomSource, type Mode } from 'osc-trainer/sdk';
import { testComponent, testOptions } from 'osc-trainer/sdk/testing';
import { LearnedQueries } from './index';

testComponent(LearnedQueries, { options: { num_objects: 3 } });
testComponent(LearnedQueries, {
  options: { num_objects: 3, init: 'xavier', noise: 1 },
  title: 'contract of obj_queries "learned" with noise',
});
testOptions(LearnedQueries, {
  valid: [{}, { num_objects: 1 }, { init: 'xavier', noise: 0.5, noise_until: 1 }],
  invalid: [
    { options: { num_objects: 0 }, message: /num_objects/ },
    { options: { init: 'kaiming' }, message: /init/ },
    { options: { noise: -1 }, message: /noise/ },
    { options: { noise_until: 0 }, message: /noise_until/ },
    { options: { noise_until: 2 }, message: /noise_until/ },
  ],
});

const usual = { init: 'normal', noise: 0, noise_until: 0.08 } as const;
const make = (options: object, embedDim = 3): LearnedQueries =>
  new LearnedQueries({ num_objects: 2, ...usual, ...options }, { embedDim }, new RandomSource(1));

beforeAll(async () => {
  tf.enableProdMode();
  await tf.setBackend('cpu');
});

test('every image starts from the same tokens; another number of them is an error of use', () => {
  const learned = make({});
  const mode = { training: false, step: 0 };
  const tokens = Array.from(learned.namedParameters().get('tokens')!.dataSync());
  const queries = learned.queries(tf.zeros([2, 4, 3]), mode);
  expect(Array.from(queries.dataSync())).toEqual([...tokens, ...tokens]);
  expect(() => learned.queries(tf.zeros([2, 4, 3]), mode, 5)).toThrow(expect.objectContaining({ name: 'UsageError' }));
});

test('xavier starts uniform in ±√(6 / (S + C))', () => {
  const values = Array.from(make({ init: 'xavier', num_objects: 30 }, 24).namedParameters().get('tokens')!.dataSync());
  const bound = Math.sqrt(6 / 54);
  expect(Math.max(...values.map(Math.abs))).toBeLessThanOrEqual(bound);
  expect(Math.max(...values)).toBeGreaterThan(0.98 * bound);
  expect(Math.min(...values)).toBeLessThan(-0.98 * bound);
});

describe('noise', () => {
  const features = (images: number): tf.Tensor3D => tf.zeros([images, 1, 3]);
  const at = (progress: number, step = 0) => ({ training: true, step, progress });
  const values = (learned: LearnedQueries, mode: Mode, images = 2): number[] =>
    Array.from(learned.queries(features(images), mode).dataSync());

  test('is normal, in proportion to the token, and has its mean', () => {
    const learned = make({ noise: 0.5 });
    learned
      .namedParameters()
      .get('tokens')!
      .assign(tf.tensor2d([1, -2, 4, 0.5, 0, -1], [2, 3]));
    const { mean, variance } = tf.moments(learned.queries(features(4000), at(0)), 0);
    // 4000 draws: five standard errors
    [1, -2, 4, 0.5, 0, -1].forEach((token, i) => {
      expect(Math.abs(mean.dataSync()[i]! - token)).toBeLessThanOrEqual(0.04 * Math.abs(token));
      expect(Math.abs(Math.sqrt(variance.dataSync()[i]!) - 0.5 * Math.abs(token))).toBeLessThanOrEqual(
        0.03 * Math.abs(token),
      );
    });
  });

  test('falls to 0 as half a cosine; later, and outside of training, the tokens are to the bit those without noise', () => {
    const [noisy, plain] = [make({ noise: 1, noise_until: 0.4 }), make({})];
    const tokens = values(plain, at(0));
    const shift = (progress: number): number[] => values(noisy, at(progress)).map((value, i) => value - tokens[i]!);
    const [first, half, late] = [shift(0), shift(0.2), shift(0.3)];
    first.forEach((value, i) => {
      expect(half[i]).toBeCloseTo(value / 2, 6);
      expect(late[i]).toBeCloseTo((value / 2) * (1 + Math.cos(0.75 * Math.PI)), 6);
    });
    expect(Math.max(...first.map(Math.abs))).toBeGreaterThan(0.005);
    for (const mode of [at(0.4), at(0.9), { training: true, step: 0 }, { training: false, step: 0, progress: 0 }]) {
      expect(values(noisy, mode)).toEqual(tokens);
    }
  });

  test('is another one each step and for each image, and the same whenever the step is', () => {
    const learned = make({ noise: 1 });
    const [first, again, other] = [
      values(learned, at(0, 3)),
      values(make({ noise: 1 }), at(0, 3)),
      values(learned, at(0, 4)),
    ];
    expect(again).toEqual(first);
    expect(other).not.toEqual(first);
    expect(first.slice(0, 6)).not.toEqual(first.slice(6));
  });

  test('does not change the gradient', () => {
    const gradient = (learned: LearnedQueries): number[] => {
      const tokens = learned.namedParameters().get('tokens')!;
      const factors = tf.tensor3d([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12], [2, 2, 3]);
      const { grads } = tf.variableGrads(() => tf.sum(tf.mul(learned.queries(features(2), at(0)), factors)), [tokens]);
      return Array.from(grads[tokens.name]!.dataSync());
    };
    expect(gradient(make({ noise: 1 }))).toEqual(gradient(make({})));
  });
});
