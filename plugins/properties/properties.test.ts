import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import type { EvaluationContext } from 'osc-trainer/sdk';
import { PropertiesEvaluator, type PropertiesOptions } from './index';
import { everything, makeContext, nothing, WIDTH, type Knowledge, type Setting } from './testing-scenes.fixture';

beforeAll(() => {
  tf.enableProdMode();
  return tf.setBackend('cpu');
});

const evaluator = (options: Partial<PropertiesOptions> = {}) =>
  new PropertiesEvaluator({
    ...{ match: 'masks', masks: 'attention', attention: 'last', seed: 0, num_epochs: 100, hidden: 16, split: 0.75 },
    baselines: true,
    ...options,
  });

async function measure(setting: Setting, options: Partial<PropertiesOptions> = {}): Promise<Record<string, number>> {
  const { context } = makeContext(setting);
  const made = evaluator(options);
  await made.check(context);
  const metrics = await made.evaluate(context);
  expect(Object.keys(made.metrics)).toEqual(Object.keys(metrics));
  return metrics;
}

/** For where the linear probe alone is looked at. */
const SMALL = { hidden: 1 };

/** Of some 40 objects; the least R² of what is known, and how far above chance luck may be. */
const [PERFECT, CHANCE] = [0.95, 0.25];

describe('slots that know everything', () => {
  test('are told everything of by both probes, matched by masks', async () => {
    const metrics = await measure({}, { num_epochs: 150 });
    for (const probe of ['linear', 'mlp']) {
      expect(metrics[`properties/${probe}/color`]).toBe(1);
      expect(metrics[`properties/${probe}/shape`]).toBe(1);
      expect(metrics[`properties/${probe}/position`]).toBeGreaterThan(PERFECT);
    }
    expect(metrics['properties/chance/color']).toBeLessThan(0.6);
    expect(metrics['properties/chance/shape']).toBeLessThan(0.7);
    expect(Object.keys(metrics).some((name) => name.endsWith('weather'))).toBe(false);
  });

  test('and matched by prediction, without any maps', async () => {
    const metrics = await measure({ hasAttention: false }, { match: 'prediction', num_epochs: 150 });
    for (const probe of ['linear', 'mlp']) {
      expect(metrics[`properties/${probe}/color`]).toBeGreaterThan(PERFECT);
      expect(metrics[`properties/${probe}/shape`]).toBeGreaterThan(PERFECT);
    }
    expect(metrics['properties/linear/position']).toBeGreaterThan(PERFECT);
    // objects that look alike are taken for each other at first; in so few steps the MLP does not part them all
    expect(metrics['properties/mlp/position']).toBeGreaterThan(0.6);
    expect(metrics['properties/chance/color']).toBeLessThan(0.8);
    expect(metrics['properties/chance/position']).toBeLessThan(0.6);
  });

  test('but whose maps are those of other slots: matching by masks asks the wrong ones', async () => {
    const byMasks = await measure({ shiftMaps: true }, SMALL);
    expect(byMasks['properties/linear/color']).toBeLessThan(0.75);
    expect(byMasks['properties/linear/position']).toBeLessThan(0.5);
  });
});

describe('slots that know nothing', () => {
  test('are at chance, matched by masks', async () => {
    const metrics = await measure({ know: nothing });
    for (const probe of ['linear', 'mlp']) {
      for (const name of ['color', 'shape']) {
        const above = metrics[`properties/${probe}/${name}`]! - metrics[`properties/chance/${name}`]!;
        expect(above).toBeLessThan(CHANCE);
      }
      expect(metrics[`properties/${probe}/position`]).toBeLessThan(CHANCE);
    }
  });

  test('are above the most frequent class when matched by prediction, and so is chance as it is measured then', async () => {
    const metrics = await measure({ know: nothing, numSlots: 8 }, { match: 'prediction', ...SMALL });
    const { 'properties/chance/shape': ofMost } = await measure({ know: nothing, numSlots: 8 }, { num_epochs: 1 });
    expect(metrics['properties/chance/shape']).toBeGreaterThan(ofMost! + 0.05);
    const above = metrics['properties/linear/shape']! - metrics['properties/chance/shape']!;
    expect(Math.abs(above)).toBeLessThan(CHANCE);
  });
});

test('what only a combination of features tells, the MLP alone is told', async () => {
  const exclusiveOr: Knowledge = (object, noise) => {
    const known = everything(object, noise);
    if (object === null) return known;
    const sign = noise() > 0 ? 1 : -1;
    [known[3], known[4]] = [2 * sign, 2 * (object.shape === 1 ? sign : -sign)];
    return known;
  };
  const metrics = await measure({ know: exclusiveOr, numSamples: 120 }, { num_epochs: 150 });
  expect(metrics['properties/linear/shape']).toBeLessThan(0.7);
  expect(metrics['properties/mlp/shape']).toBeGreaterThan(0.95);
  expect(metrics['properties/linear/color']).toBeGreaterThan(PERFECT);
});

test('the probes of the untrained model stand beside it, made once', async () => {
  const { context } = makeContext();
  const built: string[] = [];
  const whole: EvaluationContext = {
    ...context,
    untrained: (use) => {
      built.push('built');
      return use(makeContext({ know: nothing }).context);
    },
  };
  const options = { num_epochs: 5 };
  const made = evaluator(options);
  await made.check(whole);
  const metrics = await made.evaluate(whole);
  expect(Object.keys(metrics)).toEqual(Object.keys(made.metrics));
  const [alone, untrained] = [await measure({}, options), await measure({ know: nothing }, options)];
  expect(metrics).toMatchObject(alone);
  for (const probe of ['linear', 'mlp']) {
    for (const property of ['color', 'shape', 'position']) {
      expect(metrics[`properties/untrained/${probe}/${property}`]).toBe(untrained[`properties/${probe}/${property}`]);
    }
  }
  for (const [name, { baseline = false }] of Object.entries(made.metrics)) {
    expect(baseline).toBe(/untrained|chance/.test(name));
  }
  expect(await made.evaluate({ ...whole, plot: () => undefined })).toEqual(metrics);
  expect(built).toEqual(['built']);
  const without = evaluator({ ...options, baselines: false });
  await without.check(whole);
  expect(await without.evaluate(whole)).toEqual(alone);
  expect(Object.keys(without.metrics)).toEqual(Object.keys(alone));
});

test('an object without a slot counts as wrong', async () => {
  // one slot for one or two objects and the background
  const metrics = await measure({ numSlots: 1 }, SMALL);
  expect(metrics['properties/linear/color']).toBeLessThan(0.75);
  expect(metrics['properties/linear/position']).toBeLessThan(0.75);
});

test('the seed decides how the probes start; the model runs in evaluation', async () => {
  const { context, modes } = makeContext({ numSamples: 30 });
  const of = (seed: number) => evaluator({ seed, num_epochs: 3 }).evaluate(context);
  expect(await of(1)).toEqual(await of(1));
  expect(await of(1)).not.toEqual(await of(2));
  expect(modes.every(({ training }) => !training)).toBe(true);
});

test('a data set that does not say what objects can be told apart by has positions alone', async () => {
  const { context, warnings } = makeContext();
  const bare: EvaluationContext = { ...context, categories: [] };
  const made = evaluator({ num_epochs: 1 });
  await made.check(bare);
  expect(Object.keys(await made.evaluate(bare))).toEqual(['properties/linear/position', 'properties/mlp/position']);
  expect(warnings).toEqual([expect.stringContaining('positions alone')]);
});

test('images without an object: nothing is given, with a warning', async () => {
  const { context, warnings } = makeContext({
    numSamples: 8,
    change: (sample) => ({ ...sample, original: { ...sample.original, masks: new Uint8Array(3 * 64) } }),
  });
  expect(await evaluator().evaluate(context)).toEqual({});
  expect(warnings).toEqual([expect.stringContaining('no visible object')]);
});

test('masks of a loss instead of attention', async () => {
  const { context } = makeContext({ shiftMaps: true });
  // those that attention should have been, in pixels
  const right = makeContext({}).context.model;
  const source = {
    name: 'l_recon',
    masks: ({ images }: { images: tf.Tensor4D }) => {
      const [map] = right.forward(images, { training: false, step: 0, attention: true }).attention!.objects;
      const [batch, slots] = map!.shape;
      const tokens = tf.reshape(map!, [batch, slots, 4, 1, 4, 1]);
      return tf.reshape(tf.tile(tokens, [1, 1, 1, 2, 1, 2]), [batch, slots, 8, 8]) as tf.Tensor4D;
    },
  };
  const both: EvaluationContext = { ...context, masks: [source] };
  const made = evaluator({ masks: 'l_recon', num_epochs: 5 });
  await made.check(both);
  const metrics = await made.evaluate(both);
  expect(metrics).toEqual(await measure({}, { num_epochs: 5 }));
  expect(metrics).not.toEqual(await measure({ shiftMaps: true }, { num_epochs: 5 }));
  await expect(evaluator({ masks: 'l_other' }).check(both)).rejects.toMatchObject({
    name: 'UsageError',
    hints: ['data.test.properties.masks=attention', 'data.test.properties.masks=l_recon'],
  });
});

test('a slot that is not finite is an error that names the image', async () => {
  const broken: Knowledge = (object, noise) =>
    object?.token === 5 ? new Array<number>(WIDTH).fill(NaN) : everything(object, noise);
  await expect(evaluator().evaluate(makeContext({ know: broken }).context)).rejects.toThrow(
    /for test image \d+: the model's slots/,
  );
});

describe('what cannot be measured is said before', () => {
  const refused = async (setting: Setting, message: RegExp, options: Partial<PropertiesOptions> = {}) => {
    await expect(evaluator(options).check(makeContext(setting).context)).rejects.toMatchObject({
      name: 'UsageError',
      message: expect.stringMatching(message) as string,
    });
  };

  test('a model without slots', () => refused({ usesObjects: false }, /slots .* the model has none/));

  test('slots without maps to match by', () => refused({ hasAttention: false }, /obj_fn of the model gives no maps/));

  test('a data set without masks', () =>
    refused(
      { change: (sample) => ({ ...sample, masks: null, numMasks: 0 }) },
      /masks, and the test split .* has none/,
    ));

  test('objects that lack what the data set says they have', () =>
    refused(
      {
        change: (sample) => {
          const { shape, ...attributes } = sample.original.attributes!;
          expect(shape).toBeDefined();
          return { ...sample, original: { ...sample.original, attributes } };
        },
      },
      /does not say it all: shape is missing/,
    ));

  test('too few images', () => refused({ numSamples: 1 }, /evaluator properties trains on a part .* of 1 image/));
});
