import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { type EvaluationContext, type Mode, silentProgress, type TestSample } from 'osc-trainer/sdk';
import { testComponent, testDimensions, testOptions } from 'osc-trainer/sdk/testing';
import { SegmentationEvaluator } from './index';

testComponent(SegmentationEvaluator);
testComponent(SegmentationEvaluator, {
  options: { attention: 'last', images_without_objects: 'nan' },
  title: 'contract with other options',
});
testComponent(SegmentationEvaluator, { options: { baselines: false }, title: 'contract without baselines' });
testOptions(SegmentationEvaluator, {
  valid: [{}, { baselines: false }, { attention: 'last' }, { images_without_objects: 'nan' }],
  invalid: [{ options: { attention: 'second' }, message: /attention/ }],
});

beforeAll(() => tf.setBackend('cpu'));

const SIZE = 4;

/** Scenes of 4x4 pixels on a grid of 2x2 tokens; the digits name the mask of each token, background 0. */
function sample(index: number, tokens: string, { visible = true } = {}): TestSample {
  const masks = new Uint8Array(3 * SIZE * SIZE);
  for (let y = 0; y < SIZE; y++) {
    for (let x = 0; x < SIZE; x++) masks[(Number(tokens[2 * (y >> 1) + (x >> 1)]) * SIZE + y) * SIZE + x] = 1;
  }
  const here = [0, 1, 2].map((k) => Number(tokens.includes(String(k)) && (k === 0 || visible)));
  const image = new Float32Array(3 * SIZE * SIZE).fill(index);
  const original = {
    image: new Uint8Array(3 * SIZE * SIZE),
    height: SIZE,
    width: SIZE,
    masks: masks.map((value) => 255 * value),
    numMasks: 3,
  };
  return { index, image, masks, numMasks: 3, visibility: Uint8Array.from(here), original };
}

/** Slots that attend to the tokens with their digits, `0.9` there and `0.05` elsewhere: one text an iteration. */
function context(samples: readonly TestSample[], iterations: readonly string[][], batchSize = 2) {
  const modes: Mode[] = [];
  const warnings: string[] = [];
  const forward = (images: tf.Tensor4D, mode: Mode) => {
    modes.push(mode);
    const indices = tf.slice(images, [0, 0, 0, 0], [-1, 1, 1, 1]).dataSync();
    const objects = iterations.map((tokens) =>
      tf.tensor3d(
        Array.from(indices, (index) =>
          ['0', '1', '2'].map((slot) => [...tokens[index]!].map((token) => (token === slot ? 0.9 : 0.05))),
        ),
      ),
    );
    return { attention: { backbone: [], objects } } as never;
  };
  const made: EvaluationContext = {
    model: {
      dimensions: { ...testDimensions, imageSize: [SIZE, SIZE], grid: [2, 2], numTokens: 4 },
      usesObjects: true,
      forward,
    },
    samples: async function* () {
      yield* samples;
    },
    categories: [],
    masks: [],
    numSamples: samples.length,
    batchSize,
    progress: silentProgress,
    logger: { error() {}, warn: (text: string) => warnings.push(text), info() {}, debug() {} },
  };
  return { made, warnings };
}

const evaluator = (options: Partial<ConstructorParameters<typeof SegmentationEvaluator>[0]> = {}) =>
  new SegmentationEvaluator({ attention: 'first', images_without_objects: 'skip', baselines: false, ...options });

test('slots that are the objects, in any order, are perfect; Dice sees that they are soft', async () => {
  const { made } = context([sample(0, '0012'), sample(1, '0101'), sample(2, '2221')], [['2201', '1010', '0001']]);
  const metrics = await evaluator().evaluate(made);
  expect(metrics['test/iou/by_img_no_bg']).toBe(1);
  expect(metrics['test/ari']).toBe(1);
  expect(metrics['test/fg_ari']).toBe(1);
  expect(metrics['test/mbo']).toBe(1);
  const dice = (tokens: number): number => (2 * 0.9 * tokens) / (tokens + 0.9 * tokens + 0.05 * (4 - tokens));
  const expected = (dice(1) + dice(2) + (dice(3) + dice(1)) / 2) / 3;
  expect(metrics['test/dice/by_img_no_bg']).toBeCloseTo(expected, 6);
});

test('the first iteration or the last one', async () => {
  const { made } = context([sample(0, '0012')], [['0000'], ['1122'], ['0012']]);
  expect((await evaluator({ attention: 'last' }).evaluate(made))['test/iou/by_img_no_bg']).toBe(1);
  // one slot everywhere: its map is constant, so that nothing lies above the threshold
  const first = await evaluator().evaluate(made);
  expect(first['test/iou/by_img_no_bg']).toBe(0);
  expect(first['test/ari']).toBe(0);
  expect(first['test/mbo']).toBeCloseTo(1 / 4, 12);
});

test('both are measured where they differ, the chosen one under the names of the reference', async () => {
  const { made } = context([sample(0, '0012')], [['0000'], ['1122'], ['0012']]);
  const [first, last] = [evaluator(), evaluator({ attention: 'last' })];
  await first.check(made);
  await last.check(made);
  const [ofFirst, ofLast] = [await first.evaluate(made), await last.evaluate(made)];
  expect(ofFirst['test/attention_last/iou/by_img_no_bg']).toBe(1);
  expect(ofLast['test/attention_first/mbo']).toBe(ofFirst['test/mbo']);
  expect(Object.values(first.metrics).map(({ table }) => table?.row)).toEqual(
    expect.arrayContaining(['attention, first', 'attention, last']),
  );
  expect(first.metrics['test/attention_last/found']).toEqual({
    label: 'Objects found, attention, last',
    better: 'higher',
    headline: false,
    table: { row: 'attention, last', column: 'found' },
  });
  const once = context([sample(0, '0012')], [['0000']]).made;
  const subject = evaluator();
  await subject.check(once);
  expect(Object.keys(subject.metrics).some((name) => name.includes('attention_'))).toBe(false);
  expect(subject.metrics['test/ari']?.table).toEqual({ row: 'attention', column: 'ARI' });
});

test('images without a visible object are left out, or make IoU and Dice NaN', async () => {
  const { made, warnings } = context([sample(0, '0012'), sample(1, '0000')], [['0012', '0120']]);
  const alone = context([sample(0, '0012')], [['0012']]);
  const metrics = await evaluator().evaluate(made);
  const { 'test/ari': ari, 'test/msc': msc, 'test/sc': sc, ...rest } = await evaluator().evaluate(alone.made);
  expect(metrics).toMatchObject(rest);
  // the second image has a background, and its best slot covers half of it
  expect([msc, sc]).toEqual([1, 1]);
  expect([metrics['test/msc'], metrics['test/sc']]).toEqual([0.75, 0.75]);
  expect(metrics['test/ari']).toBeCloseTo((ari! + 0) / 2, 12); // one true region, three predicted ones: 0
  expect(warnings).toEqual([]);
  const reference = await evaluator({ images_without_objects: 'nan' }).evaluate(made);
  expect(reference['test/iou/by_img_no_bg']).toBeNaN();
  expect(reference['test/dice/by_img_no_bg']).toBeNaN();
  expect(reference['test/fg_ari']).toBe(1);
});

test('what no image defines is left out, with a warning', async () => {
  const { made, warnings } = context([sample(0, '0000')], [['0120']]);
  expect(await evaluator().evaluate(made)).toEqual({
    ...{ 'test/ari': 0, 'test/msc': 0.5, 'test/sc': 0.5, 'test/num_objects': 0 },
  });
  expect(warnings).toEqual([
    'Not given, as no image of the test split has an object to measure: test/iou/by_img_no_bg, test/dice/by_img_no_bg, ' +
      'test/fg_ari, test/mbo, test/miou, test/found.',
  ]);
});

test('objects found, in all and by size: a share of objects, not a mean over images', async () => {
  // of three objects of a quarter of the image or more, the only one of the second image is found by no slot
  const { made } = context([sample(0, '0012'), sample(1, '0100')], [['0012', '0000']]);
  const metrics = await evaluator().evaluate(made);
  expect(metrics['test/found']).toBeCloseTo(2 / 3, 12);
  expect(metrics['test/found/large']).toBeCloseTo(2 / 3, 12);
  expect(metrics).not.toHaveProperty('test/found/small');
});

test('invisible masks take slots, but no part in the means', async () => {
  const seen = context([sample(0, '0012')], [['0010']]);
  const half = await evaluator().evaluate(seen.made);
  expect(half['test/iou/by_img_no_bg']).toBeCloseTo(1 / 2, 12); // one of two objects found
  const hidden = context([sample(0, '0012', { visible: false })], [['0010']]);
  expect(await evaluator().evaluate(hidden.made)).not.toHaveProperty('test/iou/by_img_no_bg');
});

test('without visibility a mask with a pixel is visible', async () => {
  const whole = sample(0, '0011');
  const { made } = context([{ ...whole, visibility: null }], [['0011']]);
  expect((await evaluator().evaluate(made))['test/iou/by_img_no_bg']).toBe(1);
});

test('all masks of the background are background: objects alone count, a room in parts still matters for ARI', async () => {
  const whole = sample(0, '0012');
  const room = { ...whole, original: { ...whole.original, numBackground: 2 } };
  const { made } = context([room], [['0012']]);
  expect(await evaluator().evaluate(made)).toMatchObject({ 'test/iou/by_img_no_bg': 1, 'test/ari': 1, 'test/mbo': 1 });
  const merged = await evaluator().evaluate(context([room], [['0002']]).made);
  expect(merged).toMatchObject({ 'test/iou/by_img_no_bg': 1, 'test/fg_ari': 1, 'test/mbo': 1 });
  expect(merged['test/ari']).toBeLessThan(1);
  const empty = { ...whole, original: { ...whole.original, numBackground: 3 } };
  expect(Object.keys(await evaluator().evaluate(context([empty], [['0012']]).made))).toEqual([
    ...['test/ari', 'test/msc', 'test/sc', 'test/num_objects'],
  ]);
});

test('attention that is not finite stops with the image', async () => {
  const { made } = context([sample(0, '0012')], [['0012']]);
  const broken = {
    ...made,
    model: {
      ...made.model,
      forward: () => ({ attention: { backbone: [], objects: [tf.fill([1, 3, 4], NaN)] } }) as never,
    },
  };
  await expect(evaluator().evaluate(broken)).rejects.toThrow('on test image 0 is not finite');
});

test('what it cannot measure is told by check()', async () => {
  const { made } = context([sample(0, '0012')], [['0012']]);
  await expect(evaluator().check(made)).resolves.toBeUndefined();
  const noSlots = { ...made, model: { ...made.model, usesObjects: false } };
  await expect(evaluator().check(noSlots)).rejects.toThrow('measures slots, and the model has none');
  const noMaps = { ...made, model: { ...made.model, forward: () => ({ attention: undefined }) as never } };
  await expect(evaluator().check(noMaps)).rejects.toThrow('gives no maps');
  const bare = { ...sample(0, '0012'), masks: null, numMasks: 0 };
  const noMasks = context([bare], [['0012']]);
  await expect(evaluator().check(noMasks.made)).rejects.toThrow('the test split of the data set has none');
});

test('masks that a loss makes are measured beside attention, at their own size', async () => {
  const { made } = context([sample(0, '0112'), sample(1, '0122')], [['0112', '0122']]);
  // the truth at the size of the image for the first image, everything in one slot for the second
  const masks = ({ images }: { images: tf.Tensor4D }): tf.Tensor4D => {
    const indices = tf.slice(images, [0, 0, 0, 0], [-1, 1, 1, 1]).dataSync();
    const truth = Array.from(sample(0, '0112').masks!);
    const one = Array.from({ length: 48 }, (_, i) => Number(i < 16));
    return tf.tensor4d(
      Array.from(indices).flatMap((index) => (index === 0 ? truth : one)),
      [indices.length, 3, SIZE, SIZE],
    );
  };
  const subject = evaluator();
  const withMasks = { ...made, masks: [{ name: 'l_recon', masks }] };
  await subject.check(withMasks);
  const metrics = await subject.evaluate(withMasks);
  expect(metrics['test/iou/by_img_no_bg']).toBe(1);
  expect(metrics['test/l_recon/iou/by_img_no_bg']).toBeCloseTo(0.5, 5);
  expect(metrics['test/l_recon/ari']).toBeCloseTo(0.5, 5);
  expect(Object.keys(metrics).every((name) => name in subject.metrics)).toBe(true);
  // what a run is summed up by: its masks where it has some, else the attention that was chosen
  const headlines = (of: SegmentationEvaluator): string[] =>
    Object.entries(of.metrics).flatMap(([name, { headline = false }]) => (headline ? [name] : []));
  expect(headlines(subject)).toContain('test/l_recon/ari');
  expect(headlines(subject).every((name) => name.startsWith('test/l_recon/'))).toBe(true);
  const without = evaluator();
  await without.check(made);
  expect(headlines(without)).toContain('test/ari');
});

test('the untrained model is measured once a run, the baselines once a data set, and both are no news', async () => {
  const { made } = context([sample(0, '0012'), sample(1, '0122')], [['0012', '0122']]);
  const keys: string[] = [];
  const built: string[] = [];
  const whole: EvaluationContext = {
    ...made,
    untrained: (use) => {
      built.push('built');
      return use(context([sample(0, '0012'), sample(1, '0122')], [['0000', '0000']]).made);
    },
    remember: async (key, schema, compute) => {
      keys.push(key);
      return schema.parse(JSON.parse(JSON.stringify(await compute())));
    },
  };
  const subject = evaluator({ baselines: true });
  await subject.check(whole);
  const metrics = await subject.evaluate(whole);
  expect(await subject.evaluate({ ...whole, plot: () => undefined })).toEqual(metrics);
  expect(built).toEqual(['built']);
  expect(keys[0]).toBe(keys[1]);
  expect(metrics).toMatchObject({ 'test/ari': 1, 'test/untrained/ari': 0, 'test/blind/one_slot/ari': 0 });
  expect(metrics).toMatchObject({ 'test/ceiling/mbo': 1, 'test/ceiling/ari': 1, 'test/num_objects': 4 });
  for (const name of Object.keys(metrics)) {
    expect(subject.metrics[name]).toBeDefined();
    expect(subject.metrics[name]!.baseline ?? false).toBe(/blind|ceiling|untrained|num_objects/.test(name));
  }
  // other images, another key
  const other = context([sample(0, '0012'), sample(1, '0120')], [['0012', '0122']]).made;
  await subject.evaluate({ ...other, remember: whole.remember! });
  expect(keys[2]).not.toBe(keys[0]);
});
