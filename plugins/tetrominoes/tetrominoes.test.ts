import { copyFileSync, existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Sample, type SplitName, type UsageError, silentProgress } from 'osc-trainer/sdk';
import { RecordWriter, encodeSceneRecord } from 'osc-trainer/sdk/data';
import { testComponent, testOptions } from 'osc-trainer/sdk/testing';
import { Tetrominoes } from './tetrominoes';

const shared = join(__dirname, '../../../shared/data/multi_object_tiny');
const SIDE = 35;
const ENTITIES = 4;

const root = mkdtempSync(join(tmpdir(), 'osc-tetrominoes-'));
const DEFAULTS = { root, num_records: 100_000, num_test: null, num_val: null } as const;

function record(value: number): Uint8Array {
  const floats = { values: new Float32Array(ENTITIES).fill(value), shape: [ENTITIES] };
  return encodeSceneRecord({
    image: new Uint8Array(SIDE * SIDE * 3).fill(value),
    height: SIDE,
    width: SIDE,
    masks: new Uint8Array(ENTITIES * SIDE * SIDE).fill(255, 0, SIDE * SIDE),
    numMasks: ENTITIES,
    attributes: {
      ...{ x: floats, y: floats, shape: floats, visibility: floats },
      color: { values: new Float32Array(3 * ENTITIES), shape: [ENTITIES, 3] },
    },
  });
}

beforeAll(async () => {
  const writer = await RecordWriter.create(join(root, 'tetrominoes', 'tetrominoes_train.tfrecords'));
  for (let i = 0; i < 20; i++) await writer.write(record(i));
  await writer.close();
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

testComponent(Tetrominoes, { options: { root } });
testOptions(Tetrominoes, {
  valid: [{}, { num_records: null }],
  invalid: [{ options: { variant: 'train' }, message: /variant/ }],
});

async function samples(dataset: Tetrominoes, split: SplitName): Promise<Sample[]> {
  const decoded: Sample[] = [];
  for await (const one of dataset.records(split)) decoded.push(dataset.decode(one, split));
  return decoded;
}

test('the first records are for the test, the next for validation, the rest for training', async () => {
  const dataset = new Tetrominoes(DEFAULTS);
  await dataset.prepare(silentProgress);
  const firsts = async (split: SplitName) => (await samples(dataset, split)).map(({ image }) => image[0]);
  expect(await firsts('test')).toEqual([0, 1, 2]);
  expect(await firsts('val')).toEqual([3, 4, 5]);
  expect(await firsts('train')).toEqual(Array.from({ length: 14 }, (_, i) => 6 + i));
  const [test] = await samples(dataset, 'test');
  expect([test!.height, test!.width, test!.numMasks, test!.masks!.length]).toEqual([35, 35, 4, 4 * 35 * 35]);
  expect(test!.attributes!['color']).toMatchObject({ shape: [4, 3] });
  expect((await samples(dataset, 'val'))[0]!.masks).toBeUndefined();
});

test('a missing file is named, with its place in the bucket', async () => {
  const elsewhere = new Tetrominoes({ ...DEFAULTS, root: join(root, 'none') });
  const error = (await elsewhere.prepare(silentProgress).catch((thrown: unknown) => thrown)) as UsageError;
  expect(error.what).toContain(join(root, 'none/tetrominoes/tetrominoes_train.tfrecords'));
  expect(error.hints[0]).toContain('gs://multi-object-datasets/tetrominoes/tetrominoes_train.tfrecords');
});

(existsSync(shared) ? test : test.skip)('written by TensorFlow', async () => {
  const name = 'tetrominoes/tetrominoes_train.tfrecords';
  mkdirSync(join(root, 'copy/tetrominoes'), { recursive: true }); // copied: counts are kept beside the files
  copyFileSync(join(shared, name), join(root, 'copy', name));
  const dataset = new Tetrominoes({ ...DEFAULTS, root: join(root, 'copy') });
  await dataset.prepare(silentProgress);
  expect(await Promise.all((['train', 'val', 'test'] as const).map((split) => dataset.size(split)))).toEqual([4, 1, 1]);
  const [sample] = await samples(dataset, 'test');
  expect(sample!.image.reduce((sum, value) => sum + value, 0)).toBe(266438); // as expected.json has it
  expect(sample!.masks!.reduce((sum, value) => sum + value, 0)).toBe(312375);
});
