import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import {
  type EvaluationContext,
  type ModelOutputs,
  RandomSource,
  type Sample,
  silentProgress,
  type TestSample,
} from 'osc-trainer/sdk';
import { testComponent, testDimensions, testOptions } from 'osc-trainer/sdk/testing';
import { KnnEvaluator, nearestNeighbors, scoreCounts, scoreQuestions } from './index';

testComponent(KnnEvaluator, { options: { k: 3 } });
testComponent(KnnEvaluator, { options: { k: 1, temperature: 0.5 }, title: 'contract with other options' });
testOptions(KnnEvaluator, {
  valid: [{}, { k: 1 }, { temperature: 1 }],
  invalid: [
    { options: { k: 0 }, message: /k/ },
    { options: { k: 1.5 }, message: /k/ },
    { options: { temperature: 0 }, message: /temperature/ },
  ],
});

beforeAll(() => tf.setBackend('cpu'));

type Attributes = NonNullable<Sample['attributes']>;

const column = (values: number[]) => ({ values: Float32Array.from(values), shape: [values.length] });

/** A background and `numObjects` objects of one kind, which the number of the image tells; up to two there are. */
function sample(index: number, { visible = true, attributes = {} as Partial<Attributes> } = {}): TestSample {
  const numObjects = 1 + (index % 2);
  const there = [1, 1, numObjects - 1];
  const ofObjects = (value: number) => column(there.map((exists, k) => (k === 0 ? 0 : exists * value)));
  const known: Partial<Attributes> = {
    visibility: column(there),
    size: ofObjects(1),
    color: ofObjects(1 + (index % 4)),
    material: ofObjects(1),
    shape: ofObjects(1),
    ...attributes,
  };
  return {
    index,
    image: new Float32Array(3 * 4 * 4).fill(index),
    masks: null,
    numMasks: 0,
    visibility: visible ? Uint8Array.from(there) : null,
    original: { image: new Uint8Array(3 * 4 * 4), height: 4, width: 4, attributes: known as Attributes },
  };
}

const categories = Object.entries({ size: 2, color: 8, material: 2, shape: 3 }).map(([name, count]) => ({
  name,
  values: Array.from({ length: count }, (_, i) => `${name} ${i + 1}`),
}));

/** A model that gives each image the feature that is its. */
function context(
  samples: readonly TestSample[],
  feature: (index: number) => number[],
  change: Partial<EvaluationContext> = {},
) {
  const warnings: string[] = [];
  const made: EvaluationContext = {
    model: {
      dimensions: { ...testDimensions, imageSize: [4, 4] },
      usesObjects: false,
      forward: (images) => {
        const indices = [...tf.slice(images, [0, 0, 0, 0], [-1, 1, 1, 1]).dataSync()];
        return { fGlobal: tf.tensor2d(indices.map(feature)), fSlots: null } as unknown as ModelOutputs;
      },
    },
    async *samples() {
      yield* samples;
    },
    categories,
    masks: [],
    numSamples: samples.length,
    batchSize: 5,
    progress: silentProgress,
    logger: { error() {}, warn: (text: string) => warnings.push(text), info() {}, debug() {} },
    ...change,
  };
  return { made, warnings };
}

const images = (count: number, change?: Parameters<typeof sample>[1]): TestSample[] =>
  Array.from({ length: count }, (_, index) => sample(index, change));

const evaluator = (options: { k?: number; temperature?: number } = {}) =>
  new KnnEvaluator({ k: 2, temperature: 0.07, ...options });

/** One direction for each remainder by 4, and a length that must not matter. */
const telling = (index: number): number[] => [0, 1, 2, 3].map((c) => (c === index % 4 ? 1 + index : 0));

test('neighbours that look alike are alike', async () => {
  const { made, warnings } = context(images(16), telling);
  await evaluator().check(made);
  expect(await evaluator().evaluate(made)).toEqual({
    'knn/num_objects/accuracy': 1,
    'knn/num_objects/chance': 0.5,
    'knn/vqa/map': 1,
    'knn/vqa/auroc': 1,
    'knn/vqa/chance': 0.25,
  });
  expect(warnings).toEqual([]);
});

test('a collapsed representation knows nothing', async () => {
  const { made } = context(images(16), () => [1, 1]);
  // all are as near: the first ones vote, so that what they agree in is said of all
  const metrics = await evaluator().evaluate(made);
  expect(metrics['knn/num_objects/accuracy']).toBeLessThan(0.7);
  expect(metrics['knn/vqa/map']).toBeLessThan(0.5);
});

test('without attributes the objects are only counted', async () => {
  const bare = images(8).map((one) => {
    const { visibility } = one.original.attributes!;
    return { ...one, original: { ...one.original, attributes: { visibility: visibility! } } };
  });
  const unnamed = context(images(8), telling, { categories: [] });
  for (const { made } of [context(bare, telling), unnamed]) {
    await evaluator({ k: 1 }).check(made);
    expect(await evaluator({ k: 1 }).evaluate(made)).toEqual({
      'knn/num_objects/accuracy': 1,
      'knn/num_objects/chance': 0.5,
    });
  }
});

test('a background of several masks is no object', async () => {
  // a wall that is seen in every other image
  const rooms = images(8).map((one) => ({
    ...one,
    visibility: Uint8Array.of(1, one.index % 2, 1),
    original: { ...one.original, numBackground: 2 },
  }));
  const { made } = context(rooms, telling);
  expect(await evaluator({ k: 1 }).evaluate(made)).toMatchObject({ 'knn/num_objects/chance': 1 });
});

test('questions that all images answer alike are left out, and all of them with a warning', async () => {
  const same = column([0, 1, 1]);
  const { made, warnings } = context(images(8, { attributes: { color: same } }), telling);
  expect(Object.keys(await evaluator().evaluate(made))).toEqual(['knn/num_objects/accuracy', 'knn/num_objects/chance']);
  expect(warnings).toEqual([expect.stringContaining('the same answer')]);
});

describe('what cannot be measured is said before', () => {
  test('as many neighbours as images', async () => {
    const { made } = context(images(3), telling);
    await expect(evaluator({ k: 3 }).check(made)).rejects.toMatchObject({
      name: 'UsageError',
      message: expect.stringMatching(/asks the 3 nearest neighbours .* only 3 images, that one included/) as string,
    });
    await expect(evaluator({ k: 2 }).check(made)).resolves.toBeUndefined();
  });

  test('a single image, for which no number of neighbours would do', async () => {
    await expect(evaluator().check(context(images(1), telling).made)).rejects.toMatchObject({
      hints: ['data.test.max_samples=null', 'data.test.evaluators=[]'],
    });
  });

  test('images that do not tell which objects are visible', async () => {
    const { made } = context(images(4, { visible: false }), telling);
    await expect(evaluator().check(made)).rejects.toMatchObject({ name: 'UsageError' });
  });
});

describe('neighbours', () => {
  test('of equal ones the first; the image itself is none', async () => {
    const features = Float32Array.from([1, 0, 1, 0, 0, 1, 1, 0]);
    expect([...(await nearestNeighbors(features, 4, 2)).indices]).toEqual([1, 3, 0, 3, 0, 1, 0, 1]);
  });

  test('the number of rows at once changes nothing', async () => {
    const features = new RandomSource(5).stream('features').normals(11 * 3);
    const whole = await nearestNeighbors(features, 11, 4);
    for (const rows of [1, 4, 11]) expect(await nearestNeighbors(features, 11, 4, { rows })).toEqual(whole);
  });
});

describe('votes', () => {
  const neighbors = { indices: Int32Array.of(1, 2, 0, 2, 0, 1), similarities: Float32Array.of(1, 0.5, 1, 0, 0.5, 0) };

  test('weigh by similarity: a low temperature asks the nearest alone', () => {
    // image 2 asks 0 (one object) and 1 (two objects)
    expect(scoreCounts([1, 2, 1], neighbors, 2, 1e-4)).toEqual({ accuracy: 1 / 3, chance: 2 / 3 });
    const answers = [1, 0, 1].map((answer) => Uint8Array.of(answer));
    const { map } = scoreQuestions(answers, neighbors, 2, 1e-4)!;
    expect(map).toBeCloseTo((1 / 2) * (1 / 2) + (1 / 2) * (2 / 3), 12);
  });

  test('of equal weight decide for fewer objects', () => {
    const equal = { indices: Int32Array.of(1, 2, 0, 2, 0, 1), similarities: new Float32Array(6) };
    expect(scoreCounts([2, 3, 2], equal, 2, 1).accuracy).toBeCloseTo(2 / 3, 12);
  });
});
