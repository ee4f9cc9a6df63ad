import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import {
  type CurvePlot,
  type EvaluationContext,
  type Mode,
  type ModelOutputs,
  RandomSource,
  silentProgress,
  type TestSample,
} from 'osc-trainer/sdk';
import { testComponent, testDimensions, testOptions } from 'osc-trainer/sdk/testing';
import { VqaEvaluator, type VqaOptions } from './index';

testComponent(VqaEvaluator, { options: { num_epochs: 20 } });
testComponent(VqaEvaluator, {
  options: { num_epochs: 5, split: 0.5, pos_weight: null, seed: 3 },
  title: 'contract with other options',
});
testOptions(VqaEvaluator, {
  valid: [{}, { num_epochs: 1, pos_weight: null }, { split: 0.5, seed: 0 }],
  invalid: [
    { options: { num_epochs: 0 }, message: /num_epochs/ },
    { options: { split: 1 }, message: /split/ },
    { options: { split: 0 }, message: /split/ },
    { options: { pos_weight: 0 }, message: /pos_weight/ },
    { options: { seed: -1 }, message: /seed/ },
  ],
});

beforeAll(() => tf.setBackend('cpu'));

const [N, S] = [40, 3];
const KINDS = 6;
/** C: the wider, the smaller the weights that the probe starts with, and the sooner it has learned. */
const WIDTH = 64;

/** Scenes of one or two objects, each of one of six kinds; the image names the scene. */
function scene(index: number): { sample: TestSample; kinds: number[] } {
  const draws = new RandomSource(index).stream('scene');
  const kinds = [draws.integer(KINDS), ...(draws.uniform() < 0.5 ? [draws.integer(KINDS)] : [])];
  // background, objects, padding
  const column = (of: (kind: number) => number): { values: Float32Array; shape: number[] } => ({
    values: Float32Array.from([0, 1, 2], (k) => (k === 0 || k > kinds.length ? 0 : of(kinds[k - 1]!))),
    shape: [3],
  });
  const attributes = {
    visibility: { values: Float32Array.from([0, 1, 2], (k) => (k <= kinds.length ? 1 : 0)), shape: [3] },
    size: column(() => 1),
    color: column((kind) => 1 + (kind % 3)),
    material: column((kind) => 1 + Math.floor(kind / 3)),
    shape: column(() => 2),
  };
  const sample: TestSample = {
    index,
    image: new Float32Array(3 * 4 * 4).fill(index),
    masks: null,
    numMasks: 0,
    visibility: null,
    original: { image: new Uint8Array(3 * 4 * 4), height: 4, width: 4, attributes },
  };
  return { sample, kinds };
}

const categories = Object.entries({ size: 2, color: 8, material: 2, shape: 3 }).map(([name, count]) => ({
  name,
  values: Array.from({ length: count }, (_, i) => `${name} ${i + 1}`),
}));

interface Change {
  readonly usesObjects?: boolean;
  readonly numSamples?: number;
  readonly sample?: (index: number) => TestSample;
  /** Row of an object of a kind; of an empty slot it is 0. */
  readonly feature?: (kind: number, c: number) => number;
}

/** A model whose slots are the kinds of the objects, one-hot and large, so that the probe learns fast; its global representation is their sum. */
function context({
  usesObjects = true,
  numSamples = N,
  sample,
  feature = (kind, c) => (kind === c ? 30 : 0),
}: Change = {}) {
  const modes: Mode[] = [];
  const warnings: string[] = [];
  const updates: (readonly [number, string | undefined])[] = [];
  const made: EvaluationContext = {
    model: {
      dimensions: { ...testDimensions, imageSize: [4, 4] },
      usesObjects,
      forward: (images, mode) => {
        modes.push(mode);
        const indices = [...tf.slice(images, [0, 0, 0, 0], [-1, 1, 1, 1]).dataSync()];
        const slots = indices.flatMap((index) => {
          const { kinds } = scene(index);
          return Array.from({ length: S }, (_, s) => kinds[s - 1]);
        });
        const rows = slots.map((kind) =>
          Array.from({ length: WIDTH }, (_, c) => (kind === undefined ? 0 : feature(kind, c))),
        );
        const fSlots = tf.reshape(tf.tensor2d(rows), [indices.length, S, WIDTH]);
        return { fSlots: usesObjects ? fSlots : null, fGlobal: tf.sum(fSlots, 1) } as unknown as ModelOutputs;
      },
    },
    async *samples() {
      for (let index = 0; index < numSamples; index++) yield (sample ?? ((i) => scene(i).sample))(index);
    },
    categories,
    masks: [],
    numSamples,
    batchSize: 16,
    progress: {
      ...silentProgress,
      update: (done: number, note?: string) => {
        updates.push([done, note]);
      },
    },
    logger: { error() {}, warn: (text: string) => warnings.push(text), info() {}, debug() {} },
  };
  return { made, modes, warnings, updates };
}

const evaluator = (options: Partial<VqaOptions> = {}) =>
  new VqaEvaluator({ seed: 1, num_epochs: 200, split: 0.75, pos_weight: 14, ...options });

test.each([true, false])('a probe learns what is in the representation (slots: %s)', async (usesObjects) => {
  const { made, modes, updates } = context({ usesObjects });
  await evaluator().check(made);
  const metrics = await evaluator().evaluate(made);
  expect(Object.keys(metrics)).toEqual([
    'vqa/loss',
    'vqa/ap',
    'vqa/ap/imbalanced',
    'vqa/auroc',
    'vqa/auroc/imbalanced',
  ]);
  const untrained = await evaluator({ num_epochs: 1 }).evaluate(made);
  for (const name of ['vqa/ap', 'vqa/auroc']) {
    expect(metrics[name]).toBeGreaterThan(0.9);
    expect(untrained[name]).toBeLessThan(0.75);
  }
  expect(metrics['vqa/ap/imbalanced']).toBeGreaterThan(3 * untrained['vqa/ap/imbalanced']!);
  expect(metrics['vqa/loss']).toBeLessThan(0.6 * untrained['vqa/loss']!);
  expect(metrics['vqa/auroc/imbalanced']).toBeCloseTo(metrics['vqa/auroc']!, 10);
  expect(modes.every(({ training }) => !training)).toBe(true);
  expect(updates).toContainEqual([200, expect.stringMatching(/^loss \d/)]);
});

test('plots, where somebody looks at them: losses, precision over recall and ROC curve', async () => {
  const plots: CurvePlot[] = [];
  const { made } = context();
  const metrics = await evaluator({ num_epochs: 101 }).evaluate({ ...made, plot: (plot) => plots.push(plot) });
  expect(metrics).toEqual(await evaluator({ num_epochs: 101 }).evaluate(made));
  expect(plots.map(({ name }) => name)).toEqual(['vqa-loss', 'vqa-precision-recall', 'vqa-roc']);
  const [losses, precision, roc] = plots;
  for (const { points } of losses!.curves) {
    expect(points.map(([step]) => step)).toEqual([0, 100]);
    expect(points[1]![1]).toBeLessThan(points[0]![1]);
  }
  expect(precision!.curves.map(({ label }) => label)).toEqual([
    `balanced ap ${metrics['vqa/ap']!.toFixed(3)}`,
    `imbalanced ap ${metrics['vqa/ap/imbalanced']!.toFixed(3)}`,
  ]);
  for (const { points } of roc!.curves) expect([points[0], points.at(-1)]).toEqual([[0, 0], [1, 1]]); // prettier-ignore
});

test('nothing can be learned from a representation that does not depend on the image', async () => {
  const metrics = await evaluator({ num_epochs: 100 }).evaluate(context({ usesObjects: false, feature: () => 0 }).made);
  // a bias a question: which questions are often answered yes is all that is known
  const known = await evaluator({ num_epochs: 100 }).evaluate(context({ usesObjects: false }).made);
  expect(metrics['vqa/ap/imbalanced']).toBeLessThan(0.8 * known['vqa/ap/imbalanced']!);
});

test('the seed decides how the probe starts', async () => {
  const measure = (seed: number) => evaluator({ seed, num_epochs: 2 }).evaluate(context().made);
  expect(await measure(1)).toEqual(await measure(1));
  expect((await measure(2))['vqa/loss']).not.toBe((await measure(1))['vqa/loss']);
});

test('where all answers are the same only the loss is given', async () => {
  const nobody = (index: number): TestSample => {
    const { sample } = scene(index);
    const { attributes, ...rest } = sample.original;
    const visibility = { values: Float32Array.of(1, 0, 0), shape: [3] };
    return { ...sample, original: { ...rest, attributes: { ...attributes, visibility } } };
  };
  const { made, warnings } = context({ sample: nobody });
  expect(Object.keys(await evaluator({ num_epochs: 1 }).evaluate(made))).toEqual(['vqa/loss']);
  expect(warnings).toEqual([expect.stringContaining('are negative')]);
});

describe('what cannot be measured is said before', () => {
  test('too few images to train and to measure', async () => {
    const single = evaluator().check(context({ numSamples: 1 }).made);
    await expect(single).rejects.toMatchObject({
      message: expect.stringMatching(/of 1 image a split of 0.75/) as string,
      hints: ['data.test.evaluators=[]', 'data.test.max_samples=null'], // no split would do
    });
    await expect(evaluator({ split: 0.1 }).check(context({ numSamples: 9 }).made)).rejects.toMatchObject({
      name: 'UsageError',
      hints: expect.arrayContaining(['data.test.vqa.split=0.5']) as string[],
    });
    await expect(evaluator({ split: 0.5 }).check(context({ numSamples: 2 }).made)).resolves.toBeUndefined();
  });

  test('images without attributes', async () => {
    const bare = (index: number): TestSample => {
      const { attributes, ...rest } = scene(index).sample.original;
      const { visibility, color } = attributes!;
      return { ...scene(index).sample, original: { ...rest, attributes: { visibility: visibility!, color: color! } } };
    };
    const { made } = context({ sample: bare });
    await expect(evaluator().check(made)).rejects.toMatchObject({
      name: 'UsageError',
      message: expect.stringMatching(
        /about size, color, material and shape of .*size, material, shape are missing/,
      ) as string,
    });
    await expect(evaluator().check({ ...made, categories: [] })).rejects.toMatchObject({
      name: 'UsageError',
      message: expect.stringContaining('does not say what they can be told apart by') as string,
    });
  });
});

test('a representation that is not finite is an error that names the image', async () => {
  const { made } = context({ feature: (kind) => (kind === 3 ? NaN : 1) });
  const first = Array.from({ length: N }, (_, i) => i).find((i) => scene(i).kinds.includes(3))!;
  await expect(evaluator().evaluate(made)).rejects.toThrow(`for test image ${first}: the model's`);
});
