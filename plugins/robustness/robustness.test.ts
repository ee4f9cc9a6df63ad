import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import {
  silentProgress,
  UsageError,
  type CurvePlot,
  type DatasetVariation,
  type EvaluationContext,
  type Mode,
  type TestSample,
} from 'osc-trainer/sdk';
import { testDimensions } from 'osc-trainer/sdk/testing';
import { curvesOf } from './curves';
import { concludeFrom, levelsOf } from './describe';
import { RobustnessEvaluator } from './index';
import { options, type RobustnessOptions } from './options';

beforeAll(() => tf.setBackend('cpu'));

const SIZE = 4;
const ENTITIES = 4; // K

/** A scene of 4x4 pixels on a grid of 2x2 tokens; the digits name the mask of each token, background 0. */
function sample(index: number, tokens: string): TestSample {
  const masks = new Uint8Array(ENTITIES * SIZE * SIZE);
  for (let y = 0; y < SIZE; y++) {
    for (let x = 0; x < SIZE; x++) masks[(Number(tokens[2 * (y >> 1) + (x >> 1)]) * SIZE + y) * SIZE + x] = 1;
  }
  const here = Array.from({ length: ENTITIES }, (_, k) => Number(tokens.includes(String(k))));
  const image = new Float32Array(3 * SIZE * SIZE);
  [...tokens].forEach((token, i) => (image[i] = Number(token))); // what the model sees
  const original = {
    image: new Uint8Array(3 * SIZE * SIZE),
    height: SIZE,
    width: SIZE,
    masks: masks.map((value) => 255 * value),
    numMasks: ENTITIES,
  };
  return { index, image, masks, numMasks: ENTITIES, visibility: Uint8Array.from(here), original };
}

/** The scenes of the data set and of its levels. */
const SCENES: Readonly<Record<string, readonly string[]>> = {
  asIs: ['0012', '0120', '0012'],
  one: ['0001', '0100', '0010'],
  three: ['0123', '0132', '0321'],
  dark: ['0000', '0012', '0012'],
};

const VARIATIONS: readonly DatasetVariation[] = [
  {
    name: 'objects',
    label: 'objects in a scene',
    current: { name: '2', value: 2 },
    levels: [
      { name: '3', value: 3, options: { scenes: 'three' } },
      { name: '1', value: 1, options: { scenes: 'one' } },
    ],
  },
  {
    name: 'light_at',
    label: 'light',
    current: { name: 'day', value: 0 },
    levels: [{ name: 'night', value: 1, options: { scenes: 'dark' } }],
  },
];

/** A model that finds every object as long as it has a slot for it: those beyond are the background's. */
function context(slots = 3, queriesVary = true) {
  const modes: Mode[] = [];
  const asked: number[] = [];
  const opened: [unknown, number][] = [];
  const plots: CurvePlot[] = [];
  const forward = (images: tf.Tensor4D, mode: Mode, numObjects = slots) => {
    if (numObjects !== slots && !queriesVary) {
      throw new UsageError('These queries are learned.', 'There are 3 of them.', ['model/obj_queries=sample']);
    }
    modes.push(mode);
    asked.push(numObjects);
    const tokens = tf.reshape(tf.slice(images, [0, 0, 0, 0], [-1, 1, 1, 4]), [-1, 4]).arraySync() as number[][];
    const maps = tokens.map((ofImage) =>
      Array.from({ length: numObjects }, (_, slot) =>
        ofImage.map((token) => ((token < numObjects ? token : 0) === slot ? 0.9 : 0.05)),
      ),
    );
    // the first iteration knows nothing yet
    const first = tf.fill([tokens.length, numObjects, 4], 1 / numObjects);
    return { attention: { backbone: [], objects: [first, tf.tensor3d(maps)] } } as never;
  };
  const splitOf = (name: string, count: number) => ({
    numSamples: count,
    async *samples() {
      yield* SCENES[name]!.slice(0, count).map((tokens, index) => sample(index, tokens));
    },
  });
  const made: EvaluationContext = {
    ...splitOf('asIs', 3),
    model: {
      dimensions: { ...testDimensions, imageSize: [SIZE, SIZE], grid: [2, 2], numTokens: 4 },
      usesObjects: true,
      forward,
    },
    categories: [],
    masks: [],
    batchSize: 2,
    variants: {
      variations: () => Promise.resolve(VARIATIONS),
      open: (level, count) => {
        opened.push([level['scenes'], count]);
        return Promise.resolve(splitOf(level['scenes'] as string, 3)); // more than was asked for
      },
    },
    plot: (plot) => plots.push(plot),
    progress: silentProgress,
    logger: { error() {}, warn() {}, info() {}, debug() {} },
  };
  return { made, modes, asked, opened, plots };
}

function evaluator(rest: Partial<RobustnessOptions> = {}): RobustnessEvaluator {
  return new RobustnessEvaluator(options.parse({ attention: 'last', baselines: false, ...rest }));
}

test('scores of the data set as it is and of every level, each described', async () => {
  const { made, modes, opened } = context();
  const subject = evaluator();
  await subject.check(made);
  const metrics = await subject.evaluate(made);
  expect(metrics).toMatchObject({
    'robustness/as_is/ari': 1,
    'robustness/as_is/mbo': 1,
    'robustness/objects/1/ari': 1,
    'robustness/light_at/night/ari': 1,
    'robustness/light_at/night/fg_ari': 1, // of the images with objects
  });
  // three objects and three slots: one object is taken for the background
  expect(metrics['robustness/objects/3/mbo']).toBeCloseTo((1 + 1 + 0.5) / 3, 6);
  expect(metrics['robustness/objects/3/ari']).toBeLessThan(0.8);
  expect(opened).toEqual([
    ['three', 3],
    ['one', 3],
    ['dark', 3],
  ]);
  expect(Object.keys(metrics).sort()).toEqual(Object.keys(subject.metrics).sort());
  expect(subject.metrics['robustness/objects/3/fg_ari']).toEqual({
    label: 'FG-ARI, objects in a scene 3',
    better: 'higher',
    table: { row: 'FG-ARI, objects 3', column: 'attention' },
  });
  expect(modes.every(({ training, attention }) => !training && attention === true)).toBe(true);
});

test('the conclusion names the level with the lowest mBO', async () => {
  const { made } = context();
  const subject = evaluator();
  await subject.check(made);
  expect(subject.conclude(await subject.evaluate(made))).toBe(
    'mBO of attention is 1.00 on the data set as it is, and lowest at objects 3: 0.83.',
  );
  const better = { 'robustness/as_is/mbo': 0.2, 'robustness/objects/1/mbo': 0.3 };
  expect(subject.conclude(better)).toBe('At no level is mBO of attention lower than on the data set as it is.');
  expect(subject.conclude({})).toBe('There was nothing to compare.');
});

test('num_samples limits the images, of the data set too', async () => {
  const { made, opened, asked } = context();
  let read = 0;
  const counted = {
    ...made,
    async *samples() {
      for await (const one of made.samples()) {
        read++;
        yield one;
      }
    },
  };
  await evaluator({ num_samples: 1 }).evaluate(counted);
  expect(opened.map(([, count]) => count)).toEqual([1, 1, 1]);
  expect(asked).toHaveLength(4); // a batch of one image each
  expect(read).toBeLessThanOrEqual(2);
  const more = context();
  await evaluator({ num_samples: 100 }).evaluate(more.made);
  expect(more.opened[0]![1]).toBe(3); // no more than there are of the data set
});

test('with a slot for each object none is lost', async () => {
  const { made, asked } = context();
  const subject = evaluator({ slots: 'objects' });
  await subject.check(made);
  const metrics = await subject.evaluate(made);
  expect(metrics['robustness/objects/3/ari']).toBe(1);
  expect(metrics['robustness/objects/3/mbo']).toBe(1);
  expect(new Set(asked.slice(2))).toEqual(new Set([3, 4, 2])); // after check(): 2, 3 and 1 objects, and the background
});

test('attention is that of the iteration that is asked for', async () => {
  const metrics = await evaluator({ attention: 'first' }).evaluate(context().made);
  expect(metrics['robustness/as_is/ari']).toBe(0);
});

test('only variations that are chosen', async () => {
  const { made, plots } = context();
  const subject = evaluator({ variations: ['light_at'] });
  await subject.check(made);
  const names = Object.keys(await subject.evaluate(made));
  expect(names.filter((name) => name.includes('objects'))).toEqual([]);
  expect(names).toHaveLength(6);
  expect(plots.map(({ name }) => name)).toEqual(['robustness-light-at-ari', 'robustness-light-at-mbo']);
});

test('masks that a loss makes are measured beside attention', async () => {
  const { made, plots } = context();
  // everything in one slot
  const masks = ({ images }: { images: tf.Tensor4D }) =>
    tf.tile(tf.reshape(tf.tensor1d([1, 0, 0]), [1, 3, 1, 1]), [images.shape[0], 1, SIZE, SIZE]) as tf.Tensor4D;
  const withMasks = { ...made, masks: [{ name: 'l_recon', masks }] };
  const subject = evaluator();
  await subject.check(withMasks);
  const metrics = await subject.evaluate(withMasks);
  expect(metrics['robustness/as_is/ari']).toBe(1);
  expect(metrics['robustness/as_is/l_recon/ari']).toBe(0);
  expect(metrics['robustness/objects/3/l_recon/mbo']).toBeCloseTo(0.25, 6);
  expect(Object.keys(metrics).every((name) => name in subject.metrics)).toBe(true);
  expect(plots[0]!.curves.map(({ label }) => label)).toEqual(['attention', 'l_recon']);
});

test('blind masks and the untrained model stand beside it at every level, measured once', async () => {
  const { made, plots } = context();
  const built: string[] = [];
  const keys: string[] = [];
  const whole: EvaluationContext = {
    ...made,
    untrained: (use) => {
      built.push('built');
      return use(context(1).made); // one slot for everything
    },
    remember: async (key, schema, compute) => {
      keys.push(key);
      return schema.parse(JSON.parse(JSON.stringify(await compute())));
    },
  };
  const subject = evaluator({ baselines: true });
  await subject.check(whole);
  const metrics = await subject.evaluate(whole);
  expect(Object.keys(metrics).sort()).toEqual(Object.keys(subject.metrics).sort());
  for (const [name, { baseline = false }] of Object.entries(subject.metrics)) {
    expect(baseline).toBe(/untrained|blind|ceiling/.test(name));
  }
  expect(metrics).toMatchObject({
    'robustness/as_is/ari': 1,
    'robustness/as_is/untrained/ari': 0,
    'robustness/as_is/ceiling/mbo': 1,
    'robustness/objects/1/untrained/mbo': 0.25, // a quarter of the image
    'robustness/objects/1/blind/grid/mbo': 0.5, // a tile of 1x2 for three slots
    'robustness/objects/1/blind/colours/mbo': 0.25, // the images are black
  });
  expect(subject.metrics['robustness/objects/3/blind/grid/mbo']!.table).toEqual({
    row: 'mBO, objects 3',
    column: 'grid',
  });
  expect(plots[0]!.curves.map(({ label }) => label)).toEqual([
    ...['attention', 'untrained', 'grid', 'colours', 'ceiling'],
  ]);
  expect(plots[1]!.curves[2]!.points).toHaveLength(3); // of the grid, at every level
  expect(subject.conclude(metrics)).toBe(
    'mBO of attention is 1.00 on the data set as it is, and lowest at objects 3: 0.83 ' +
      '(untrained 0.25, grid 0.50, colours 0.25).',
  );
  expect(await subject.evaluate({ ...whole, plot: () => undefined })).toEqual(metrics);
  expect(built).toEqual(['built']);
  expect(new Set(keys)).toEqual(new Set(keys.slice(0, 4))); // the data set and three levels
  expect(new Set(keys).size).toBe(4);
});

test('what is no better than blind masks is counted', () => {
  const sources = [
    { key: 'attention', label: 'attention', baseline: false },
    { key: 'l_recon', label: 'l_recon', baseline: false },
    { key: 'blind/grid', label: 'grid', baseline: true },
  ];
  const metrics = {
    ...{ 'robustness/as_is/mbo': 0.1, 'robustness/as_is/l_recon/mbo': 0.4, 'robustness/as_is/blind/grid/mbo': 0.2 },
    ...{ 'robustness/objects/1/l_recon/mbo': 0.2, 'robustness/objects/1/blind/grid/mbo': 0.16 },
    ...{ 'robustness/objects/3/l_recon/mbo': 0.3, 'robustness/objects/3/blind/grid/mbo': 0.2 },
  };
  expect(concludeFrom(metrics, levelsOf(VARIATIONS), sources)).toBe(
    'mBO of l_recon is 0.40 on the data set as it is, and lowest at objects 1: 0.20 (grid 0.16). ' +
      'At 1 of 3 levels it is no better than blind masks.',
  );
});

test('curves have their levels in order, the data set among them', async () => {
  const { made, plots } = context();
  const metrics = await evaluator().evaluate(made);
  const [, objects] = plots;
  expect(objects).toMatchObject({
    name: 'robustness-objects-mbo',
    x: {
      label: 'objects in a scene - data set is 2',
      range: [-0.25, 2.25],
      ticks: [
        { at: 0, label: '1' },
        { at: 1, label: '2' },
        { at: 2, label: '3' },
      ],
    },
    y: { label: 'mbo', range: [0, 1] },
  });
  const mbo = ['objects/1', 'as_is', 'objects/3'].map((level, at) => [at, metrics[`robustness/${level}/mbo`]]);
  expect(objects!.curves).toEqual([{ label: 'attention', points: mbo }]);
});

test('a score below 0 is in the picture, one that is not defined leaves a gap', () => {
  const level = (name: string, value: number, ari?: number) => ({
    name,
    value,
    scores: new Map([['attention', { ...(ari !== undefined && { ari }), mbo: 0.5 }]]),
  });
  const sources = [{ key: 'attention', label: 'attention', baseline: false }];
  const [ari] = curvesOf(VARIATIONS[1]!, [level('day', 0, -0.2), level('night', 1)], sources);
  expect(ari!.y.range).toEqual([-0.2, 1]);
  expect(ari!.curves[0]!.points).toEqual([[0, -0.2]]);
});

describe('check() tells before any work starts of', () => {
  const { made } = context();
  const rejects = (changes: Partial<EvaluationContext>, rest: Partial<RobustnessOptions> = {}) =>
    expect(evaluator(rest).check({ ...made, ...changes })).rejects;

  it('a model without slots', async () => {
    await rejects({ model: { ...made.model, usesObjects: false } }).toThrow('measures slots, and the model has none');
  });

  it('a data set that cannot be varied, with the words of osc', async () => {
    const refusal = new UsageError('The data set mine cannot be varied.', 'Data sets that can be: scenes.');
    const variants = { ...made.variants!, variations: () => Promise.reject(refusal) };
    await rejects({ variants }).toBe(refusal);
    const { variants: varied, ...bare } = made;
    expect(varied).toBeDefined();
    await expect(evaluator().check(bare)).rejects.toThrow('these samples are of none');
  });

  it('a variation that is not offered', async () => {
    await rejects({}, { variations: ['objects', 'wind'] }).toMatchObject({
      what: 'The evaluator robustness cannot vary wind: the data set offers objects, light_at.',
      hints: ['data.test.robustness.variations=[objects,light_at]'],
    });
  });

  it('samples without masks', async () => {
    const bare = { ...sample(0, '0012'), masks: null, numMasks: 0 };
    const samples = async function* () {
      yield bare;
    };
    await rejects({ samples }).toThrow('the test split of the data set has none');
  });

  it('a model without maps', async () => {
    const forward = () => ({ attention: undefined }) as never;
    await rejects({ model: { ...made.model, forward } }).toThrow('gives no maps');
  });

  it('queries that cannot be more, where a slot for each object is asked for', async () => {
    const fixed = context(3, false).made;
    await expect(evaluator({ slots: 'objects' }).check(fixed)).rejects.toMatchObject({
      what: 'These queries are learned.',
      hints: ['data.test.robustness.slots=model'],
    });
    await expect(evaluator().check(fixed)).resolves.toBeUndefined();
  });
});

test('attention that is not finite stops with the level', async () => {
  const { made } = context();
  const forward = () => ({ attention: { backbone: [], objects: [tf.fill([1, 3, 4], NaN)] } }) as never;
  await expect(evaluator().evaluate({ ...made, model: { ...made.model, forward } })).rejects.toThrow(
    'The attention of the slots is not finite (Robustness, as_is).',
  );
});
