/** The fused ops of our engines against their composed forms on the `cpu` backend, value and every gradient. */
import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { adamWUpdate } from '../../sdk/ops';
import {
  backendOf,
  CHECKS,
  differentiate,
  expectAsOnCpu,
  expectClose,
  NAMED_VARIANTS,
  normals,
  slopes,
  tensorOf,
  type Values,
} from './engines.fixture';
import { DIFFERENTIABLE, seed, size, type Case } from './op-cases.fixture';

const adamWCase = fc.record({ seed, rows: size, width: size }).map(({ seed, rows, width }) => {
  const draw = normals(seed);
  const square = draw([rows, width]);
  square.data.forEach((value, i) => (square.data[i] = value * value));
  return [draw([rows, width]), draw([rows, width]), draw([rows, width], 0.1), square];
});

function updated([parameter, gradient, mean, meanSquare]: readonly Values[]): Float32Array[] {
  const k = {
    beta1: 0.9,
    rest1: 0.1,
    beta2: 0.999,
    rest2: 0.001,
    rootScale: 3,
    epsilon: 1e-6,
    decay: 0.99,
    rate: 0.02,
  };
  const results: Float32Array[] = [];
  tf.tidy(() => {
    const state = { parameter: tensorOf(parameter!), mean: tensorOf(mean!), meanSquare: tensorOf(meanSquare!) };
    const next = adamWUpdate(state, tensorOf(gradient!), k);
    for (const x of [next.parameter, next.mean, next.meanSquare]) results.push(x.dataSync<'float32'>());
  });
  return results;
}

beforeAll(() => {
  tf.enableProdMode();
});

test.each(DIFFERENTIABLE)('%s is as on cpu, and so are its gradients', async (_, cases) => {
  const property = fc.asyncProperty(cases, async ({ op, inputs }) => {
    const shapes = inputs.map(({ shape }) => `[${shape.join()}]`).join(' ');
    await expectAsOnCpu(() => differentiate(op, inputs), 5e-5, shapes);
  });
  await fc.assert(property, CHECKS);
});

test('adamW is as on cpu', async () => {
  const property = fc.asyncProperty(adamWCase, async (state) => expectAsOnCpu(() => updated(state), 1e-6, 'state'));
  await fc.assert(property, CHECKS);
});

describe.each(NAMED_VARIANTS)('%s', (_, variant) => {
  beforeAll(() => variant.use(2));

  test('a long decay is rounded step by step, as in PyTorch', () => {
    const f32 = Math.fround;
    const decay = 1 - 1e-5;
    const k = { beta1: 0.9, rest1: 0.1, beta2: 0.999, rest2: 0.001, rootScale: 1, epsilon: 0, decay, rate: 1e-4 };
    // gradient and moments of one: the step is the rate, to a rounding
    const start = Array.from({ length: 37 }, (_, i) => f32(2 + i / 20));
    const expected = start.map((value) => {
      for (let i = 0; i < 100; i++) value = f32(f32(value * f32(decay)) - f32(1e-4));
      return value;
    });
    const actual = tf.tidy(() => {
      const [ones, moment] = [tf.ones([37]), tf.ones([37])];
      let parameter: tf.Tensor = tf.tensor1d(start);
      for (let i = 0; i < 100; i++) {
        parameter = adamWUpdate({ parameter, mean: moment, meanSquare: moment }, ones, k).parameter;
      }
      return parameter.dataSync();
    });
    expectClose(actual, Float32Array.from(expected), 3e-7, 'parameters');
  });

  test.each(DIFFERENTIABLE)('%s has the slopes that it says', (_, cases) => {
    const [{ op, inputs }] = fc.sample(cases, { numRuns: 1, seed: 7 }) as [Case];
    const { measured, derived } = slopes(op, inputs, 2e-3);
    expectClose(derived, measured, 5e-3, 'slopes');
  });

  test('nothing stays in the heap', () => {
    for (const [, cases] of DIFFERENTIABLE) {
      const { op, inputs } = fc.sample(cases, { numRuns: 1, seed: 2 })[0]!;
      differentiate(op, inputs);
    }
    expect(backendOf().heap.stats.used).toBe(0);
  });
});
