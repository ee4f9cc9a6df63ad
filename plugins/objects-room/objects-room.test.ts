import { cpSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Sample, type SplitName, type UsageError, silentProgress } from 'osc-trainer/sdk';
import { RecordWriter, encodeSceneRecord } from 'osc-trainer/sdk/data';
import { testComponent, testOptions } from 'osc-trainer/sdk/testing';
import { ObjectsRoom } from './objects-room';

const shared = join(__dirname, '../../../shared/data/multi_object_tiny');
const SIDE = 64;
const FILES = {
  train: ['objects_room_train.tfrecords', 7],
  six_objects: ['objects_room_test_six_objects.tfrecords', 10],
  empty_room: ['objects_room_test_empty_room.tfrecords', 4],
  identical_color: ['objects_room_test_identical_color.tfrecords', 10],
} as const;
type Variant = keyof typeof FILES;
const VARIANTS = Object.keys(FILES) as Variant[];

const root = mkdtempSync(join(tmpdir(), 'osc-objects-room-'));
const DEFAULTS = { root, num_background: 4, num_records: 100_000, num_test: null, num_val: null } as const;

function record(value: number, entities: number): Uint8Array {
  const masks = new Uint8Array(entities * SIDE * SIDE);
  masks.fill(255, 0, SIDE * SIDE);
  return encodeSceneRecord({
    image: new Uint8Array(SIDE * SIDE * 3).fill(value),
    height: SIDE,
    width: SIDE,
    masks,
    numMasks: entities,
  });
}

/** Images of the training file count from 0, of each test file from 100, 150 and 200. */
beforeAll(async () => {
  for (const [v, variant] of VARIANTS.entries()) {
    const [file, entities] = FILES[variant];
    const writer = await RecordWriter.create(join(root, 'objects_room', file));
    for (let i = 0; i < 7; i++) await writer.write(record(i + (v === 0 ? 0 : 50 + 50 * v), entities));
    await writer.close();
  }
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

testComponent(ObjectsRoom, { options: { root } });
testComponent(ObjectsRoom, { options: { root, variant: 'six_objects' }, title: 'contract, six_objects' });
testOptions(ObjectsRoom, {
  valid: [{}, { variant: 'identical_color' }, { num_background: 1 }],
  invalid: [
    { options: { variant: 'test' }, message: /six_objects/ },
    { options: { num_background: 5 }, message: /num_background/ },
  ],
});

async function samples(dataset: ObjectsRoom, split: SplitName): Promise<Sample[]> {
  const decoded: Sample[] = [];
  for await (const one of dataset.records(split)) decoded.push(dataset.decode(one, split));
  return decoded;
}

test.each(VARIANTS)('%s: training and validation are the same, the test is its own', async (variant) => {
  const dataset = new ObjectsRoom({ ...DEFAULTS, variant });
  await dataset.prepare(silentProgress);
  const firsts = async (split: SplitName) => (await samples(dataset, split)).map(({ image }) => image[0]);
  expect(await firsts('train')).toEqual([2, 3, 4, 5, 6]);
  expect(await firsts('val')).toEqual([1]);
  const first = 50 + 50 * VARIANTS.indexOf(variant);
  const own = variant === 'train' ? [0] : Array.from({ length: 7 }, (_, i) => first + i);
  expect(await firsts('test')).toEqual(own);
  expect(await dataset.size('test')).toBe(own.length);
  for (const { masks, numMasks, numBackground, attributes } of await samples(dataset, 'test')) {
    expect([numMasks, numBackground, attributes]).toEqual([FILES[variant][1], 4, {}]);
    expect(masks).toHaveLength(FILES[variant][1] * SIDE * SIDE);
  }
  expect((await samples(dataset, 'train'))[0]!.masks).toBeUndefined();
});

test('the test file of a variant, from any record on', async () => {
  const dataset = new ObjectsRoom({ ...DEFAULTS, variant: 'empty_room' });
  const numbers: number[] = [];
  for await (const { index } of dataset.records('test', 5)) numbers.push(index);
  expect(numbers).toEqual([5, 6]);
});

test('how many masks are the room can be said', async () => {
  const dataset = new ObjectsRoom({ ...DEFAULTS, variant: 'train', num_background: 1 });
  expect((await samples(dataset, 'test'))[0]!.numBackground).toBe(1);
});

test('missing files are named, with their place in the bucket: the training file and that of the variant', async () => {
  const elsewhere = new ObjectsRoom({ ...DEFAULTS, root: join(root, 'none'), variant: 'six_objects' });
  const error = (await elsewhere.prepare(silentProgress).catch((thrown: unknown) => thrown)) as UsageError;
  for (const variant of ['train', 'six_objects'] as const) {
    expect(error.what).toContain(join(root, 'none/objects_room', FILES[variant][0]));
    expect(error.hints[0]).toContain(`gs://multi-object-datasets/objects_room/${FILES[variant][0]}`);
  }
  expect(error.what).not.toContain('empty_room');
});

(existsSync(shared) ? test : test.skip).each(VARIANTS)('%s, written by TensorFlow', async (variant) => {
  const copy = join(root, 'copy'); // counts are kept beside the files
  cpSync(join(shared, 'objects_room'), join(copy, 'objects_room'), { recursive: true });
  const dataset = new ObjectsRoom({ ...DEFAULTS, root: copy, variant });
  await dataset.prepare(silentProgress);
  expect(await Promise.all((['train', 'val', 'test'] as const).map((split) => dataset.size(split)))).toEqual(
    variant === 'train' ? [4, 1, 1] : [4, 1, 6],
  );
  const size = SIDE * SIDE;
  for (const { masks, numMasks } of await samples(dataset, 'test')) {
    for (let pixel = 0; pixel < size; pixel++) {
      let sum = 0;
      for (let k = 0; k < numMasks!; k++) sum += masks![k * size + pixel]!;
      expect(sum).toBe(255);
    }
  }
});
