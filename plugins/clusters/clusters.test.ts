import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import {
  RandomSource,
  silentProgress,
  type EvaluationContext,
  type Mode,
  type ModelOutputs,
  type TestSample,
} from 'osc-trainer/sdk';
import { kMeans } from 'osc-trainer/sdk/metrics';
import { testDimensions } from 'osc-trainer/sdk/testing';
import { averageLinkage, ClustersEvaluator, directions, type ClustersOptions } from './index';

beforeAll(() => tf.setBackend('cpu'));

const SIZE = 4;
const PERFECT = {
  'clusters/kmeans/ari': 1,
  'clusters/kmeans/fg_ari': 1,
  'clusters/kmeans/mbo': 1,
  'clusters/linkage/ari': 1,
  'clusters/linkage/fg_ari': 1,
  'clusters/linkage/mbo': 1,
};

/** Scenes of 4x4 pixels on a grid of 2x2 tokens; the digits name the mask of each token, background 0. */
function sample(index: number, tokens: string): TestSample {
  const masks = new Uint8Array(4 * SIZE * SIZE);
  for (let y = 0; y < SIZE; y++) {
    for (let x = 0; x < SIZE; x++) masks[(Number(tokens[2 * (y >> 1) + (x >> 1)]) * SIZE + y) * SIZE + x] = 1;
  }
  return {
    index,
    image: new Float32Array(3 * SIZE * SIZE).fill(index),
    masks,
    numMasks: 4,
    visibility: Uint8Array.from([0, 1, 2, 3], (k) => Number(tokens.includes(String(k)))),
    original: {
      image: new Uint8Array(3 * SIZE * SIZE),
      height: SIZE,
      width: SIZE,
      masks: masks.map((v) => 255 * v),
      numMasks: 4,
    },
  };
}

/** @param features of the four tokens of each image */
function context(samples: readonly TestSample[], features: readonly number[][][], usesObjects = false) {
  const modes: Mode[] = [];
  const warnings: string[] = [];
  const made: EvaluationContext = {
    model: {
      dimensions: { ...testDimensions, imageSize: [SIZE, SIZE], grid: [2, 2], numTokens: 4 },
      usesObjects,
      forward: (images, mode) => {
        modes.push(mode);
        const indices = tf.slice(images, [0, 0, 0, 0], [-1, 1, 1, 1]).dataSync();
        return { fBackbone: tf.tensor3d(Array.from(indices, (i) => features[i]!)) } as ModelOutputs;
      },
    },
    samples: async function* () {
      yield* samples;
    },
    categories: [],
    masks: [],
    numSamples: samples.length,
    batchSize: 2,
    progress: silentProgress,
    logger: { error() {}, warn: (text: string) => warnings.push(text), info() {}, debug() {} },
  };
  return { made, modes, warnings };
}

const evaluator = (options: Partial<ClustersOptions> = {}) =>
  new ClustersEvaluator({ distance: 'euclidean', starts: 5, seed: 0, baselines: false, ...options });

test('tokens that differ by object are perfect, whatever their number: as many clusters as objects and one', async () => {
  const texts = ['0012', '0101', '2021', '3012', '0000'];
  const kinds = [[0, 9], [5, 0], [0, -5], [-7, 1]]; // prettier-ignore
  const { made, modes, warnings } = context(
    texts.map((text, i) => sample(i, text)),
    texts.map((text) => [...text].map((kind, i) => kinds[Number(kind)]!.map((value) => value + i / 100))),
  );
  await evaluator().check(made);
  expect(await evaluator().evaluate(made)).toEqual(PERFECT);
  expect(modes).toHaveLength(3);
  expect(warnings).toEqual([]);
});

test('tokens that do not know the objects are not', async () => {
  // background and object look alike by pairs: clusters cut across both
  const { made } = context([sample(0, '0011')], [[[0], [5], [0], [5]]]);
  const metrics = await evaluator().evaluate(made);
  expect(metrics['clusters/kmeans/ari']).toBeCloseTo(-1 / 14, 12); // 8 of 16 pixels each way: Hubert and Arabie by hand
  expect(metrics['clusters/linkage/ari']).toBeCloseTo(-1 / 14, 12);
  expect(metrics['clusters/linkage/mbo']).toBeCloseTo(4 / 12, 12);
});

test('directions instead of distances', async () => {
  const tokens = [[1, 0], [9, 0.1], [0, 1], [0.1, 9]]; // prettier-ignore
  const { made } = context([sample(0, '0011')], [tokens]);
  expect(await evaluator({ distance: 'cosine' }).evaluate(made)).toEqual(PERFECT);
  expect((await evaluator().evaluate(made))['clusters/linkage/ari']).toBeLessThan(1);
  expect((await evaluator().evaluate(made))['clusters/kmeans/ari']).toBeLessThan(1);
});

test('what no image defines is left out, with a warning', async () => {
  const { made, warnings } = context([sample(0, '0000')], [[[0], [5], [0], [5]]]);
  expect(await evaluator().evaluate(made)).toEqual({ 'clusters/kmeans/ari': 1, 'clusters/linkage/ari': 1 });
  expect(warnings).toHaveLength(4);
});

test('the untrained model and blind masks stand beside it, measured once', async () => {
  const samples = [sample(0, '0012'), sample(1, '0111')];
  const known = [[[0], [0], [5], [9]], [[0], [5], [5], [5]]]; // prettier-ignore
  const unknown = [[[0], [5], [0], [5]], [[0], [5], [0], [5]]]; // prettier-ignore
  const { made } = context(samples, known);
  const [keys, built]: [string[], string[]] = [[], []];
  const whole: EvaluationContext = {
    ...made,
    untrained: (use) => {
      built.push('built');
      return use(context(samples, unknown).made);
    },
    remember: async (key, schema, compute) => {
      keys.push(key);
      return schema.parse(JSON.parse(JSON.stringify(await compute())));
    },
  };
  const subject = evaluator({ baselines: true });
  await subject.check(whole);
  const metrics = await subject.evaluate(whole);
  expect(metrics).toMatchObject({ ...PERFECT, 'clusters/blind/one_slot/ari': 0, 'clusters/ceiling/ari': 1 });
  expect(metrics['clusters/untrained/kmeans/ari']).toBeLessThan(0.5);
  // 1x2 for three slots and for two; of the three objects each has half a tile, or two thirds of one
  expect(metrics['clusters/blind/grid/mbo']).toBeCloseTo((0.5 + 8 / 12) / 2, 12);
  expect(Object.keys(metrics)).toEqual(Object.keys(subject.metrics));
  for (const [name, { baseline = false, headline }] of Object.entries(subject.metrics)) {
    expect(baseline).toBe(/untrained|blind|ceiling/.test(name));
    if (baseline) expect(headline).toBe(false);
  }
  expect(await subject.evaluate({ ...whole, plot: () => undefined })).toEqual(metrics);
  expect(built).toEqual(['built']);
  expect(keys[1]).toBe(keys[0]);
});

test('a data set without masks is said before work starts', async () => {
  const bare = { ...sample(0, '0011'), masks: null, numMasks: 0, visibility: null };
  await expect(evaluator().check(context([bare], []).made)).rejects.toMatchObject({
    name: 'UsageError',
    message: expect.stringContaining('the test split of the data set has none') as string,
  });
});

test('a token that is not finite is an error that names the image', async () => {
  const { made } = context([sample(0, '0011'), sample(1, '0011')], [[[0], [0], [5], [5]], [[0], [NaN], [5], [5]]]); // prettier-ignore
  await expect(evaluator().evaluate(made)).rejects.toThrow("for test image 1: the model's patch tokens");
});

describe('points', () => {
  const line = { values: Float64Array.of(0, 1, 3, 10, 11), width: 1 };

  test('average linkage takes the mean distance of all pairs', () => {
    // 3 is 2.5 away from {0, 1} on average: nearer than {10, 11} by far
    expect([...averageLinkage(line, 2, 'euclidean')]).toEqual([0, 0, 0, 1, 1]);
    expect([...averageLinkage(line, 3, 'euclidean')]).toEqual([0, 0, 1, 2, 2]);
    expect([...averageLinkage(line, 1, 'euclidean')]).toEqual([0, 0, 0, 0, 0]);
    expect([...averageLinkage(line, 5, 'euclidean')]).toEqual([0, 1, 2, 3, 4]);
  });

  test('points that are all the same, and a point of length 0', () => {
    const same = { values: new Float32Array(6).fill(2), width: 2 };
    expect([...averageLinkage(same, 1, 'euclidean')]).toEqual([0, 0, 0]);
    expect(new Set(averageLinkage(same, 2, 'euclidean')).size).toBe(2);
    expect(kMeans(same, 2, 3, new RandomSource(0)).inertia).toBe(0);
    expect(directions({ values: [0, 0, 3, 4], width: 2 }).values).toEqual(Float64Array.of(0, 0, 0.6, 0.8));
  });

  test('more starts are never worse, and the seed decides', () => {
    const points = { values: new RandomSource(4).stream('points').normals(60), width: 2 };
    const inertias = [1, 2, 8].map((starts) => kMeans(points, 5, starts, new RandomSource(1)).inertia);
    expect(inertias).toEqual([...inertias].sort((a, b) => b - a));
    expect(kMeans(points, 5, 1, new RandomSource(1))).toEqual(kMeans(points, 5, 1, new RandomSource(1)));
    const other = Array.from({ length: 5 }, (_, seed) => kMeans(points, 5, 1, new RandomSource(seed)).inertia);
    expect(new Set(other).size).toBeGreaterThan(1);
  });
});
