import { copyFileSync, existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Sample, type SplitName, type UsageError, manifestOf, silentProgress } from 'osc-trainer/sdk';
import { type FeatureValue, RecordWriter, encodeExample } from 'osc-trainer/sdk/data';
import { testComponent, testOptions } from 'osc-trainer/sdk/testing';
import { MultiDsprites } from './multi-dsprites';

const shared = join(__dirname, '../../../shared/data/multi_object_tiny');
const SIZE = 64;
const VARIANTS = [
  ['colored_on_grayscale', 3, 6],
  ['colored_on_colored', 3, 5],
  ['binarized', 1, 4],
] as const;
type Variant = (typeof VARIANTS)[number][0];

const root = mkdtempSync(join(tmpdir(), 'osc-multi-dsprites-'));
const DEFAULTS = { root, num_records: 100_000, num_test: null, num_val: null } as const;
const fileOf = (variant: string): string => join(root, 'multi_dsprites', `multi_dsprites_${variant}.tfrecords`);

/** A scene of one sprite, a square of `value` in the corner; masks lie as `[H, W, K, 1]`. */
function record(value: number, channels: number, entities: number): Uint8Array {
  const image = new Uint8Array(SIZE * SIZE * channels);
  const mask = new Uint8Array(SIZE * SIZE * entities);
  for (let pixel = 0; pixel < SIZE * SIZE; pixel++) {
    const inside = pixel % SIZE < 10 && pixel < 10 * SIZE;
    if (inside) for (let c = 0; c < channels; c++) image[pixel * channels + c] = value + c;
    mask[pixel * entities + (inside ? 1 : 0)] = 255;
  }
  const floats = (each: number): FeatureValue => ({
    kind: 'float',
    values: Float32Array.from({ length: entities * each }, (_, i) => i),
  });
  return encodeExample({
    image: { kind: 'singleBytes', values: image },
    mask: { kind: 'singleBytes', values: mask },
    ...Object.fromEntries(['x', 'y', 'shape', 'visibility', 'orientation', 'scale'].map((name) => [name, floats(1)])),
    color: floats(channels),
  });
}

async function write(variant: Variant, channels: number, entities: number, count: number): Promise<void> {
  const writer = await RecordWriter.create(fileOf(variant), { overwrite: true });
  for (let i = 0; i < count; i++) await writer.write(record(10 * i, channels, entities));
  await writer.close();
}

beforeAll(async () => {
  for (const [variant, channels, entities] of VARIANTS) await write(variant, channels, entities, 8);
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

testComponent(MultiDsprites, { options: { root } });
testComponent(MultiDsprites, { options: { root, variant: 'binarized', num_val: 3 }, title: 'contract, binarized' });
testOptions(MultiDsprites, {
  valid: [{}, { variant: 'colored_on_colored' }, { num_records: null, num_test: 10_000, num_val: 10_000 }],
  invalid: [
    { options: { variant: 'colored_on_gray' }, message: /colored_on_grayscale/ },
    { options: { num_records: 2 }, message: /num_records/ },
    { options: { num_test: 0 }, message: /num_test/ },
  ],
});

async function samples(dataset: MultiDsprites, split: SplitName): Promise<Sample[]> {
  const decoded: Sample[] = [];
  for await (const one of dataset.records(split)) decoded.push(dataset.decode(one, split));
  return decoded;
}

test.each(VARIANTS)('%s', async (variant, channels, entities) => {
  const dataset = new MultiDsprites({ ...DEFAULTS, variant });
  await dataset.prepare(silentProgress);
  expect(await Promise.all((['train', 'val', 'test'] as const).map((split) => dataset.size(split)))).toEqual([6, 1, 1]);

  const [sample, ...others] = await samples(dataset, 'test');
  expect(others).toEqual([]);
  expect([sample!.numMasks, sample!.numBackground ?? 1]).toEqual([entities, 1]);
  expect([...sample!.image.subarray(0, 3)]).toEqual(channels === 3 ? [0, 1, 2] : [0, 0, 0]);
  const maskAt = (k: number, y: number, x: number): number => sample!.masks![(k * SIZE + y) * SIZE + x]!;
  expect([maskAt(0, 0, 9), maskAt(1, 0, 9), maskAt(0, 0, 10), maskAt(1, 0, 10)]).toEqual([0, 255, 255, 0]);
  expect([maskAt(0, 9, 0), maskAt(1, 9, 0), maskAt(0, 10, 0), maskAt(1, 10, 0)]).toEqual([0, 255, 255, 0]);
  expect(sample!.attributes!['color']).toMatchObject({ shape: [entities, channels] });
  expect(Object.keys(sample!.attributes!).sort().join()).toBe('color,orientation,scale,shape,visibility,x,y');

  const train = await samples(dataset, 'train');
  expect(train.map(({ image }) => image[0])).toEqual([20, 30, 40, 50, 60, 70]);
  // one channel is three alike
  expect([...train[0]!.image.subarray(0, 3)]).toEqual(channels === 3 ? [20, 21, 22] : [20, 20, 20]);
  expect(train.every(({ masks, attributes }) => masks === undefined && attributes === undefined)).toBe(true);
});

test('a missing file is named, with its place in the bucket', async () => {
  const elsewhere = new MultiDsprites({ ...DEFAULTS, root: '~/no-such-folder', variant: 'binarized' });
  const error = (await elsewhere.prepare(silentProgress).catch((thrown: unknown) => thrown)) as UsageError;
  expect(error.name).toBe('UsageError');
  const folder = join(homedir(), 'no-such-folder/multi_dsprites');
  expect(error.what).toBe(
    `The data set multi_dsprites (binarized) is not there; missing: ${folder}/multi_dsprites_binarized.tfrecords.`,
  );
  expect(error.hints[0]).toContain(
    'gsutil cp gs://multi-object-datasets/multi_dsprites/multi_dsprites_binarized.tfrecords',
  );
});

test('a file of another variant is told by its records', async () => {
  const dataset = new MultiDsprites({ ...DEFAULTS, variant: 'binarized' });
  const other = new MultiDsprites({ ...DEFAULTS, variant: 'colored_on_colored' });
  for await (const one of other.records('test')) {
    expect(() => dataset.decode(one, 'test')).toThrow(/Record 0 of .*colored_on_colored\.tfrecords is broken.*image/s);
  }
});

test('the folder of the reference by default', () => {
  expect(manifestOf(MultiDsprites)!.options.parse({})).toMatchObject({ root: '~/multi-object-datasets' });
});

(existsSync(shared) ? test : test.skip).each(VARIANTS)('%s, written by TensorFlow', async (variant, _, entities) => {
  const name = `multi_dsprites/multi_dsprites_${variant}.tfrecords`;
  const copy = join(root, 'copy');
  mkdirSync(join(copy, 'multi_dsprites'), { recursive: true }); // copied: counts are kept beside the files
  copyFileSync(join(shared, name), join(copy, name));
  const dataset = new MultiDsprites({ ...DEFAULTS, root: copy, variant, num_test: 2 });
  await dataset.prepare(silentProgress);
  expect(await dataset.size('train')).toBe(3);
  for (const { masks, numMasks, attributes } of await samples(dataset, 'test')) {
    expect(numMasks).toBe(entities);
    // every pixel belongs to one entity, and entities with a pixel are there
    const size = SIZE * SIZE;
    for (let pixel = 0; pixel < size; pixel++) {
      const owners = Array.from({ length: entities }, (_unused, k) => masks![k * size + pixel]!);
      expect(owners.reduce((sum, value) => sum + value, 0)).toBe(255);
    }
    for (let k = 0; k < entities; k++) {
      const hasPixel = masks!.subarray(k * size, (k + 1) * size).includes(255);
      if (hasPixel) expect(attributes!['visibility']!.values[k]).toBe(1);
    }
  }
});
