import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import type { LossInputs } from 'osc-trainer/sdk';
import { RandomSource, UsageError } from 'osc-trainer/sdk';
import { lossInputs } from 'osc-trainer/sdk/testing';
import { ImageContrastiveLoss } from './image-contrastive-loss';

const loss = new ImageContrastiveLoss({ temp: 0.1 });
const outputs = (pSlots: tf.Tensor3D | null): LossInputs => lossInputs({ fSlots: pSlots, pSlots });
const value = (slots: tf.Tensor3D): number => loss.compute(outputs(slots), 'mean').dataSync()[0]!;

/** Two images; the slots of view 1 are those of view 0 in another order. */
const SLOTS = [
  [
    [1, 0, 0],
    [0, 1, 0],
    [0, 0, 1],
  ],
  [
    [1, 1, 0],
    [0, 1, 1],
    [1, 0, -1],
  ],
  [
    [0, 0, 1],
    [1, 0, 0],
    [0, 1, 0],
  ],
  [
    [1, 0, -1],
    [0, 1, 1],
    [1, 1, 0],
  ],
];

beforeAll(() => {
  tf.enableProdMode();
  return tf.setBackend('cpu');
});

describe('ctr_img', () => {
  it('is the cross-entropy of picking the match, by definition', () => {
    const none = loss.compute(outputs(tf.tensor3d(SLOTS)), 'none');
    expect(none.shape).toEqual([12]);
    // slots of image 0 are orthogonal: the match has logit 10, the four others 0
    const orthogonal = Math.log(Math.exp(10) + 4) - 10;
    const got = [...none.dataSync()];
    for (const i of [0, 1, 2, 6, 7, 8]) expect(got[i]).toBeCloseTo(orthogonal, 5);
    // slots of image 1 have cosines 0.5, 0.5 and -0.5 with each other, each twice among the classes
    const others = (...cosines: number[]): number =>
      Math.log(Math.exp(10) + 2 * cosines.reduce((sum, cos) => sum + Math.exp(10 * cos), 0)) - 10;
    const expected = [others(0.5, 0.5), others(0.5, -0.5), others(0.5, -0.5)];
    [3, 4, 5].forEach((row, i) => expect(got[row]).toBeCloseTo(expected[i]!, 5));
    [11, 10, 9].forEach((row, i) => expect(got[row]).toBeCloseTo(expected[i]!, 5));
    expect(loss.compute(outputs(tf.tensor3d(SLOTS)), 'sum').dataSync()[0]).toBeCloseTo(
      got.reduce((sum, x) => sum + x, 0),
      4,
    );
  });

  it('does not depend on the order of slots', () => {
    const slots = tf.tensor3d(new RandomSource(5).stream('slots').normals(6 * 4 * 5), [6, 4, 5]);
    const shuffled = tf.concat([tf.reverse(tf.slice(slots, 0, 3), 1), tf.slice(slots, 3, 3)]);
    expect(value(shuffled)).toBeCloseTo(value(slots), 5);
  });

  it('is log(2S - 1) when all slots are the same', () => {
    expect(value(tf.ones([4, 3, 5]))).toBeCloseTo(Math.log(5), 5);
  });

  it('is not finite where a slot is not, for the trainer to report', () => {
    const slots = SLOTS.map((image) => image.map((slot) => [...slot]));
    slots[1]![2]![0] = NaN;
    expect(value(tf.tensor3d(slots))).toBeNaN();
  });

  it('has finite gradients that vanish along a slot', () => {
    const slots = tf.tensor3d(new RandomSource(5).stream('slots').normals(6 * 4 * 5), [6, 4, 5]);
    const gradient = tf.grad((x) => loss.compute(outputs(x as tf.Tensor3D), 'mean'))(slots) as tf.Tensor3D;
    expect(gradient.dataSync().every(Number.isFinite)).toBe(true);
    const along = tf.sum(tf.mul(gradient, slots), -1).dataSync();
    for (const x of along) expect(x).toBeCloseTo(0, 5); // the length of a slot does not matter
  });

  it('keeps no tensor but its result', () => {
    const slots = tf.tensor3d(SLOTS);
    const before = tf.memory().numTensors;
    loss.compute(outputs(slots), 'none').dispose();
    expect(tf.memory().numTensors).toBe(before);
  });

  it('refuses a model without slots', () => {
    expect(() => loss.compute(outputs(null), 'mean')).toThrow(UsageError);
  });
});
