import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import type { LossInputs } from 'osc-trainer/sdk';
import { RandomSource } from 'osc-trainer/sdk';
import { lossInputs } from 'osc-trainer/sdk/testing';
import { SimilarityLoss } from './similarity-loss';

const loss = new SimilarityLoss();
const outputs = (fGlobal: tf.Tensor, pGlobal: tf.Tensor): LossInputs => lossInputs({ fGlobal, pGlobal });
const random = (name: string): tf.Tensor2D => tf.tensor2d(new RandomSource(3).stream(name).normals(6 * 5), [6, 5]);

function cosine(a: readonly number[], b: readonly number[]): number {
  return a.reduce((sum, x, i) => sum + x * b[i]!, 0) / (Math.hypot(...a) * Math.hypot(...b));
}

beforeAll(() => {
  tf.enableProdMode();
  return tf.setBackend('cpu');
});

describe('sim', () => {
  it("is minus the cosine of a view's projection to the other view's representation, by definition", () => {
    const [f, p] = [random('f'), random('p')];
    const [features, projections] = [f.arraySync(), p.arraySync()];
    const each = projections.map((row, i) => -cosine(row, features[(i + 3) % 6]!));
    const total = each.reduce((sum, x) => sum + x, 0);
    const none = loss.compute(outputs(f, p), 'none');
    expect(none.shape).toEqual([6]);
    none.dataSync().forEach((value, i) => expect(value).toBeCloseTo(each[i]!, 5));
    expect(loss.compute(outputs(f, p), 'sum').dataSync()[0]).toBeCloseTo(total, 5);
    expect(loss.compute(outputs(f, p), 'mean').dataSync()[0]).toBeCloseTo(total / 6, 5);
  });

  it('is -1 where the views agree and 1 where they oppose', () => {
    const view = tf.slice(random('f'), 0, 3);
    const same = tf.concat([view, view]);
    expect(loss.compute(outputs(same, tf.mul(same, 7)), 'mean').dataSync()[0]).toBeCloseTo(-1, 5);
    expect(loss.compute(outputs(same, tf.neg(same)), 'mean').dataSync()[0]).toBeCloseTo(1, 5);
  });

  it('has a gradient through the projections alone, finite for a zero vector too', () => {
    const p = tf.concat([tf.zeros([1, 5]), tf.slice(random('p'), 1)]);
    const [ofF, ofP] = tf.grads((f: tf.Tensor, p: tf.Tensor) => loss.compute(outputs(f, p), 'mean'))([random('f'), p]);
    expect(new Set(ofF!.dataSync())).toEqual(new Set([0]));
    expect(ofP!.dataSync().every(Number.isFinite)).toBe(true);
    expect(tf.max(tf.abs(ofP!)).dataSync()[0]).toBeGreaterThan(0);
  });

  it('keeps no tensor but its result', () => {
    const [f, p] = [random('f'), random('p')];
    const before = tf.memory().numTensors;
    loss.compute(outputs(f, p), 'mean').dispose();
    expect(tf.memory().numTensors).toBe(before);
  });
});
