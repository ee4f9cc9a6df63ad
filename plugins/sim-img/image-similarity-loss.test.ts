import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import type { LossInputs } from 'osc-trainer/sdk';
import { RandomSource, UsageError } from 'osc-trainer/sdk';
import { lossInputs } from 'osc-trainer/sdk/testing';
import { ImageSimilarityLoss } from './image-similarity-loss';

const loss = new ImageSimilarityLoss();
const outputs = (fSlots: tf.Tensor | null, pSlots: tf.Tensor | null): LossInputs => lossInputs({ fSlots, pSlots });
const random = (name: string, rows = 6): tf.Tensor3D =>
  tf.tensor3d(new RandomSource(5).stream(name).normals(rows * 4 * 5), [rows, 4, 5]);

function cosine(a: readonly number[], b: readonly number[]): number {
  return a.reduce((sum, x, i) => sum + x * b[i]!, 0) / (Math.hypot(...a) * Math.hypot(...b));
}

/** Slots of view 1 are those of view 0 in the opposite order, and a little off: slot s belongs to slot 3 - s. */
function mirrored(): tf.Tensor3D {
  const view0 = random('f', 3);
  return tf.concat([view0, tf.add<tf.Tensor3D>(tf.reverse(view0, 1), 0.01)]);
}

beforeAll(() => {
  tf.enableProdMode();
  return tf.setBackend('cpu');
});

describe('sim_img', () => {
  it('is half of one minus the cosine of a projection to the match of its slot, by definition', () => {
    const [f, p] = [mirrored(), random('p')];
    const features = f.arraySync();
    const cosines = p
      .arraySync()
      .map((slots, row) => slots.map((slot, s) => cosine(slot, features[(row + 3) % 6]![3 - s]!)))
      .flat();
    const total = cosines.reduce((sum, x) => sum + x, 0);
    const none = loss.compute(outputs(f, p), 'none');
    expect(none.shape).toEqual([2, 3, 4]);
    none.dataSync().forEach((value, i) => expect(value).toBeCloseTo((1 - cosines[i]!) / 2, 5));
    expect(loss.compute(outputs(f, p), 'mean').dataSync()[0]).toBeCloseTo((1 - total / 24) / 2, 5);
    expect(loss.compute(outputs(f, p), 'sum').dataSync()[0]).toBeCloseTo((1 - total) / 2, 5);
  });

  it('is 0 where projections are the slots and the views agree, 1 where they oppose', () => {
    const view0 = random('f', 3);
    const f = tf.concat([view0, tf.reverse(view0, 1)]);
    expect(loss.compute(outputs(f, f), 'mean').dataSync()[0]).toBeCloseTo(0, 5);
    expect(loss.compute(outputs(f, tf.neg(f)), 'mean').dataSync()[0]).toBeCloseTo(1, 5);
  });

  it('has a gradient through the projections alone', () => {
    const [ofF, ofP] = tf.grads((f: tf.Tensor, p: tf.Tensor) => loss.compute(outputs(f, p), 'mean'))([
      mirrored(),
      random('p'),
    ]);
    expect(new Set(ofF!.dataSync())).toEqual(new Set([0]));
    expect(ofP!.dataSync().every(Number.isFinite)).toBe(true);
    expect(tf.max(tf.abs(ofP!)).dataSync()[0]).toBeGreaterThan(0);
  });

  it('is not finite where a slot is not, for the trainer to report', () => {
    const f = mirrored().arraySync();
    f[1]![2]![0] = NaN;
    expect(loss.compute(outputs(tf.tensor3d(f), random('p')), 'mean').dataSync()[0]).toBeNaN();
  });

  it('keeps no tensor but its result', () => {
    const [f, p] = [mirrored(), random('p')];
    const before = tf.memory().numTensors;
    loss.compute(outputs(f, p), 'none').dispose();
    expect(tf.memory().numTensors).toBe(before);
  });

  it('refuses a model without slots', () => {
    expect(() => loss.compute(outputs(null, null), 'mean')).toThrow(UsageError);
  });
});
