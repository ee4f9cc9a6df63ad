import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import type { EvaluationContext, TestSample } from './contracts/evaluation';
import type { ModelOutputs } from './contracts/model';
import { silentProgress } from './logger';
import { collectRepresentations, forwardSamples, forwardTestSplit } from './test-batches';
import { testDimensions } from './testing';

beforeAll(() => tf.setBackend('cpu'));

const sample = (index: number): TestSample => ({
  index,
  image: new Float32Array(3 * 2 * 4).fill(index),
  masks: null,
  numMasks: 0,
  visibility: null,
  original: { image: new Uint8Array(3 * 2 * 4), height: 2, width: 4 },
});

/** Images `numSamples` many; the global representation of an image is `[its number, 1]`. */
function context(numSamples: number, batchSize: number, value = (index: number): number => index) {
  const shapes: number[][] = [];
  const updates: number[] = [];
  const made: EvaluationContext = {
    model: {
      dimensions: { ...testDimensions, imageSize: [2, 4] },
      usesObjects: false,
      forward: (images, { attention }) => {
        shapes.push(images.shape);
        const numbers = [...tf.slice(images, [0, 0, 0, 0], [-1, 1, 1, 1]).dataSync()];
        const fGlobal = tf.tensor2d(numbers.map((number) => [value(number), 1]));
        return { fGlobal, ...(attention === true && { attention: 'maps' }) } as unknown as ModelOutputs;
      },
    },
    async *samples() {
      for (let index = 0; index < numSamples; index++) yield sample(index);
    },
    categories: [],
    masks: [],
    numSamples,
    batchSize,
    progress: { ...silentProgress, update: (done) => updates.push(done) },
    logger: { error() {}, warn() {}, info() {}, debug() {} },
  };
  return { made, shapes, updates };
}

test('the split in batches, the last one smaller, with progress and nothing left behind', async () => {
  const { made, shapes, updates } = context(5, 2);
  const before = tf.memory().numTensors;
  const seen = await forwardTestSplit(made, 'Test', {}, ({ fGlobal }, samples) => [
    samples.map(({ index }) => index),
    [...fGlobal.dataSync()],
  ]);
  expect(seen).toEqual([
    [
      [0, 1],
      [0, 1, 1, 1],
    ],
    [
      [2, 3],
      [2, 1, 3, 1],
    ],
    [[4], [4, 1]],
  ]);
  expect(shapes).toEqual([
    [2, 3, 2, 4],
    [2, 3, 2, 4],
    [1, 3, 2, 4],
  ]);
  expect(updates).toEqual([2, 4, 5]);
  expect(tf.memory().numTensors).toBe(before);
});

test('maps come when asked for; what throws leaves nothing behind', () => {
  const { model } = context(2, 2).made;
  const samples = [sample(0), sample(1)];
  expect(forwardSamples(model, samples, { attention: true }, ({ attention }) => attention)).toBe('maps');
  expect(forwardSamples(model, samples, {}, ({ attention }) => attention)).toBeUndefined();
  const before = tf.memory().numTensors;
  const broken = (): void =>
    forwardSamples(model, samples, {}, () => {
      throw new Error('broken');
    });
  expect(broken).toThrow('broken');
  expect(tf.memory().numTensors).toBe(before);
});

test('representations of all images, in order, and the first that is not finite', async () => {
  const visited: number[] = [];
  const choose = ({ fGlobal }: ModelOutputs) => fGlobal;
  const all = await collectRepresentations(context(3, 2).made, 'Test', choose, ({ index }) => visited.push(index));
  expect(all).toEqual({ values: Float32Array.of(0, 1, 1, 1, 2, 1), shape: [2], count: 3 });
  expect(visited).toEqual([0, 1, 2]);
  const logarithm = ({ fGlobal }: ModelOutputs): tf.Tensor => tf.log(tf.sub(fGlobal, 3));
  const drawn = collectRepresentations(context(5, 2, (index) => index + 1).made, 'Test', logarithm, () => undefined);
  await expect(drawn).rejects.toThrow('The representation of test image 0 is not finite.');
});

test.each([NaN, -Infinity, 1e16])('an output of %s is an error that names the image, not a score', async (value) => {
  const { made } = context(5, 2, (index) => (index === 3 ? value : index));
  const before = tf.memory().numTensors;
  await expect(forwardTestSplit(made, 'Test', {}, () => 0)).rejects.toMatchObject({
    name: 'RunError',
    message: expect.stringContaining("for test image 3: the model's global representation") as string,
  });
  expect(tf.memory().numTensors).toBe(before);
});
