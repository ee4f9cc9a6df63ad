import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import type { LossInputs } from 'osc-trainer/sdk';
import { RandomSource, UsageError } from 'osc-trainer/sdk';
import { lossInputs } from 'osc-trainer/sdk/testing';
import { BatchContrastiveLoss } from './batch-contrastive-loss';

const loss = new BatchContrastiveLoss({ temp: 0.1 });
const outputs = (pSlots: tf.Tensor3D | null): LossInputs => lossInputs({ fSlots: pSlots, pSlots });
const value = (slots: tf.Tensor3D): number => loss.compute(outputs(slots), 'mean').dataSync()[0]!;
const random = (): tf.Tensor3D => tf.tensor3d(new RandomSource(5).stream('slots').normals(6 * 4 * 5), [6, 4, 5]);

beforeAll(() => {
  tf.enableProdMode();
  return tf.setBackend('cpu');
});

describe('ctr_all', () => {
  it('is the cross-entropy of picking the match out of the batch, by definition', () => {
    // slots of view 1 are those of view 0 in another order, and a little off: the matches are known
    const view0 = tf.slice(random(), 0, 3);
    const slots = tf.concat([view0, tf.add(tf.reverse(view0, 1), 0.01)]) as tf.Tensor3D;
    const unit = slots
      .arraySync()
      .flat()
      .map((slot) => slot.map((x) => x / Math.hypot(...slot)));
    const logit = (i: number, j: number): number => unit[i]!.reduce((sum, x, c) => sum + x * unit[j]![c]!, 0) / 0.1;
    const match = (i: number): number => {
      const [row, slot] = [Math.floor(i / 4), i % 4];
      return ((row + 3) % 6) * 4 + (3 - slot);
    };
    const each = unit.map((_, i) => {
      const all = unit.reduce((sum, _, j) => sum + (j === i ? 0 : Math.exp(logit(i, j))), 0);
      return Math.log(all) - logit(i, match(i));
    });
    const total = each.reduce((sum, x) => sum + x, 0);
    const none = loss.compute(outputs(slots), 'none');
    expect(none.shape).toEqual([24]);
    none.dataSync().forEach((got, i) => expect(got).toBeCloseTo(each[i]!, 4));
    expect(loss.compute(outputs(slots), 'sum').dataSync()[0]).toBeCloseTo(total, 3);
    expect(value(slots)).toBeCloseTo(total / 24, 4);
  });

  it('does not depend on the order of slots', () => {
    const slots = random();
    const shuffled = tf.concat([tf.reverse(tf.slice(slots, 0, 3), 1), tf.slice(slots, 3, 3)]);
    expect(value(shuffled)).toBeCloseTo(value(slots), 5);
  });

  it('is log(2BS - 1) when all slots are the same', () => {
    expect(value(tf.ones([4, 3, 5]))).toBeCloseTo(Math.log(11), 5);
  });

  it('is not finite where a slot is not, for the trainer to report', () => {
    const slots = random().arraySync();
    slots[1]![2]![0] = NaN;
    expect(value(tf.tensor3d(slots))).toBeNaN();
  });

  it('has finite gradients that vanish along a slot', () => {
    const slots = random();
    const gradient = tf.grad((x) => loss.compute(outputs(x as tf.Tensor3D), 'mean'))(slots) as tf.Tensor3D;
    expect(gradient.dataSync().every(Number.isFinite)).toBe(true);
    expect(tf.max(tf.abs(gradient)).dataSync()[0]).toBeGreaterThan(1e-3);
    for (const x of tf.sum(tf.mul(gradient, slots), -1).dataSync()) expect(x).toBeCloseTo(0, 5);
  });

  it('keeps no tensor but its result', () => {
    const slots = random();
    const before = tf.memory().numTensors;
    loss.compute(outputs(slots), 'none').dispose();
    expect(tf.memory().numTensors).toBe(before);
  });

  it('refuses a model without slots', () => {
    expect(() => loss.compute(outputs(null), 'mean')).toThrow(UsageError);
  });
});
