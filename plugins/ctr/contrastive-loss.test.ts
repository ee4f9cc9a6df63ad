import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import type { LossInputs } from 'osc-trainer/sdk';
import { RandomSource } from 'osc-trainer/sdk';
import { lossInputs } from 'osc-trainer/sdk/testing';
import { ContrastiveLoss } from './contrastive-loss';

const loss = new ContrastiveLoss({ temp: 0.1 });
const outputs = (pGlobal: tf.Tensor2D): LossInputs => lossInputs({ pGlobal });
const random = new RandomSource(3).stream('projections').normals(8 * 5);

/** The loss of one view, from its definition. */
function expectedLoss(rows: readonly (readonly number[])[], i: number): number {
  const unit = rows.map((row) => row.map((x) => x / Math.hypot(...row)));
  const logit = (j: number): number => unit[i]!.reduce((sum, x, c) => sum + x * unit[j]![c]!, 0) / 0.1;
  const others = rows.map((_, j) => j).filter((j) => j !== i);
  const pair = (i + rows.length / 2) % rows.length;
  return Math.log(others.reduce((sum, j) => sum + Math.exp(logit(j)), 0)) - logit(pair);
}

beforeAll(() => {
  tf.enableProdMode();
  return tf.setBackend('cpu');
});

describe('ctr', () => {
  it('is the cross-entropy of picking the other view', () => {
    const projections = tf.tensor2d(random, [8, 5]);
    const rows = projections.arraySync();
    const each = rows.map((_, i) => expectedLoss(rows, i));
    const total = each.reduce((sum, value) => sum + value, 0);
    const none = loss.compute(outputs(projections), 'none');
    expect(none.shape).toEqual([8]);
    none.dataSync().forEach((value, i) => expect(value).toBeCloseTo(each[i]!, 4));
    expect(loss.compute(outputs(projections), 'sum').dataSync()[0]).toBeCloseTo(total, 3);
    expect(loss.compute(outputs(projections), 'mean').dataSync()[0]).toBeCloseTo(total / 8, 4);
  });

  it('is log(2B - 1) when all projections are the same', () => {
    const same = tf.ones<tf.Rank.R2>([6, 4]);
    expect(loss.compute(outputs(same), 'mean').dataSync()[0]).toBeCloseTo(Math.log(5), 5);
  });

  it('has finite gradients, with a zero vector and with a single image too', () => {
    for (const projections of [
      tf.tensor2d([
        [0, 0],
        [1, 0],
        [0, 1],
        [1, 1],
      ]),
      tf.tensor2d([
        [1, 2],
        [3, 4],
      ]),
    ]) {
      const gradient = tf.grad((x) => loss.compute(outputs(x as tf.Tensor2D), 'mean'))(projections);
      expect(gradient.dataSync().every(Number.isFinite)).toBe(true);
    }
  });

  it('keeps no tensor but its result', () => {
    const projections = tf.tensor2d(random, [8, 5]);
    const before = tf.memory().numTensors;
    loss.compute(outputs(projections), 'mean').dispose();
    expect(tf.memory().numTensors).toBe(before);
  });
});
