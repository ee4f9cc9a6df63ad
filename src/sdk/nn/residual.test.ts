import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import type { Mode } from '../module';
import { RandomSource } from '../random';
import { LayerNorm } from './layer-norm';
import { Linear } from './linear';
import { Mlp } from './mlp';
import { ResidualBranch } from './residual';
import { SelfAttentionBlock } from './transformer-blocks';

const training: Mode = { training: true, step: 3 };
const evaluation: Mode = { training: false, step: 3 };
const BATCH = 16;

beforeAll(() => {
  tf.enableProdMode();
  return tf.setBackend('cpu');
});

const input = (): tf.Tensor3D => tf.tensor3d(new RandomSource(1).stream('x').normals(BATCH * 12), [BATCH, 3, 4]);

function norm(): LayerNorm {
  const layer = new LayerNorm(4);
  for (const parameter of layer.namedParameters().values()) parameter.assign(tf.tensor1d([0.5, 2, -1, 0.25]));
  return layer;
}

const samples = (x: tf.Tensor3D): number[][] => tf.reshape<tf.Rank.R2>(x, [BATCH, 12]).arraySync();

function expectClose(actual: tf.Tensor, expected: tf.Tensor): void {
  expect(actual.shape).toEqual(expected.shape);
  expect(tf.max(tf.abs(tf.sub(actual, expected))).dataSync()[0]).toBeLessThan(1e-5);
}

describe('a branch is x + dropPath(layer(norm(x)))', () => {
  const linear = new Linear({ in: 4, out: 4 }, new RandomSource(2));
  const add = (rate: number, mode: Mode): tf.Tensor3D =>
    new ResidualBranch(norm(), rate, new RandomSource(4)).addTo(input(), mode, (normed, sum) => ({
      out: linear.forward(normed, sum),
    })).out;
  const plain = (): tf.Tensor3D => tf.add(input(), linear.forward(norm().forward(input())));

  test.each([
    ['evaluation', 0.5, evaluation],
    ['training that drops nothing', 0, training],
  ])('%s', (_, rate, mode) => expectClose(add(rate, mode), plain()));

  test('training: a sample is left as it is, or gets the branch by 1 / (1 - rate)', () => {
    const [x, y, whole] = [input(), add(0.5, training), plain()].map(samples);
    const dropped = y!.map((sample, i) => sample.every((value, j) => value === x![i]![j]));
    expect(new Set(dropped)).toEqual(new Set([true, false]));
    y!.forEach((sample, i) => {
      if (!dropped[i]) sample.forEach((value, j) => expect(value).toBeCloseTo(2 * whole![i]![j]! - x![i]![j]!, 4));
    });
  });
});

test('what else the layer hands on comes out', () => {
  const branch = new ResidualBranch(norm(), 0.5, new RandomSource(4));
  const { attention } = branch.addTo(input(), training, ({ x }) => ({ out: x, attention: 'map' }));
  expect(attention).toBe('map');
});

test('an MLP behind a norm is one op where it may be, with the same result', () => {
  for (const outBias of [true, false]) {
    const mlp = new Mlp({ in: 4, hidden: 6, out: 4, outBias }, new RandomSource(5));
    const x = input();
    const y = mlp.forward({ x, norm: norm() }, training, x);
    expectClose(y, tf.add(x, mlp.forward(norm().forward(x), training)));
  }
});

test('a block drops the paths of its branches apart from each other, in training only', () => {
  const block = new SelfAttentionBlock({ dim: 4, numHeads: 2, mlpRatio: 2, dropPath: 0.5 }, new RandomSource(6));
  const [x, trained, evaluated] = [
    input(),
    block.forward(input(), training).out,
    block.forward(input(), evaluation).out,
  ].map(samples);
  const same = (a: number[], b: number[]): boolean => a.every((value, j) => value === b[j]);
  // two branches: with 16 samples some keep x, and none is as it is without dropped paths (which scales by 2)
  expect(trained!.filter((sample, i) => same(sample, x![i]!)).length).toBeGreaterThan(0);
  expect(trained!.filter((sample, i) => !same(sample, x![i]!)).length).toBeGreaterThan(4);
  expect(evaluated!.some((sample, i) => same(sample, x![i]!))).toBe(false);
});
