import { copyFileSync, existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { manifestOf, type Sample, silentProgress, type SplitName, UsageError } from 'osc-trainer/sdk';
import { encodeImageRecord, encodeSceneRecord, RecordWriter } from 'osc-trainer/sdk/data';
import { Clevr10 } from './clevr10';
import { FOLDER, PUBLISHED_FILE, splitFile } from './records';

const shared = join(__dirname, '../../../shared/data/multi_object_tiny');

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'osc-clevr10-'));
});
afterEach(() => {
  rmSync(root, { recursive: true, force: true });
});

function scene(value: number): Sample {
  const zeros = { values: new Uint8Array(11), shape: [11] };
  const floats = { values: new Float32Array(11), shape: [11] };
  return {
    image: new Uint8Array(240 * 320 * 3).fill(value),
    height: 240,
    width: 320,
    masks: new Uint8Array(11 * 240 * 320),
    numMasks: 11,
    attributes: {
      ...{ visibility: floats, x: floats, y: floats, z: floats, rotation: floats },
      pixel_coords: { values: new Float32Array(33), shape: [11, 3] },
      ...{ size: zeros, material: zeros, shape: zeros, color: zeros },
    },
  };
}

async function writeSplit(split: SplitName, values: number[]): Promise<void> {
  const writer = await RecordWriter.create(join(root, FOLDER, splitFile(split)));
  for (const value of values) {
    const sample = scene(value);
    await writer.write(split === 'test' ? encodeSceneRecord(sample) : encodeImageRecord(sample.image, 240, 320));
  }
  await writer.close();
}

test('sizes, records from any on, and samples', async () => {
  await writeSplit('train', [1, 2, 3]);
  await writeSplit('val', [4]);
  await writeSplit('test', [5, 6]);
  const dataset = new Clevr10({ root });
  await dataset.prepare(silentProgress);
  expect(await Promise.all((['train', 'val', 'test'] as const).map((split) => dataset.size(split)))).toEqual([3, 1, 2]);
  const seen: number[] = [];
  for await (const record of dataset.records('train', 1)) {
    const sample = dataset.decode(record, 'train');
    expect([sample.height, sample.width, sample.masks]).toEqual([240, 320, undefined]);
    seen.push(record.index, sample.image[0]!);
  }
  expect(seen).toEqual([1, 2, 2, 3]);
  for await (const record of dataset.records('test', 1)) {
    const sample = dataset.decode(record, 'test');
    expect([sample.numMasks, sample.masks?.length, sample.image[0]]).toEqual([11, 11 * 240 * 320, 6]);
    expect(Object.keys(sample.attributes!).sort().join()).toBe(
      'color,material,pixel_coords,rotation,shape,size,visibility,x,y,z',
    );
    expect(() => dataset.decode(record, 'train')).toThrow(/Record 1 of .*imgs_test.tfrecords is broken/);
  }
});

test('missing files are named, with the command that makes them', async () => {
  await writeSplit('train', [1]);
  const prepare = async (): Promise<UsageError> => {
    const error: unknown = await new Clevr10({ root }).prepare(silentProgress).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(UsageError);
    return error as UsageError;
  };
  const without = await prepare();
  expect(without.what).not.toContain('imgs_train');
  expect(without.what).toContain(join(root, FOLDER, 'imgs_val.tfrecords'));
  expect(without.what).toContain('imgs_test.tfrecords');
  expect(without.hints[0]).toContain('gsutil cp gs://multi-object-datasets/');
  expect(without.hints[0]).toContain(`osc data prepare --data-root ${root}`);
  await RecordWriter.create(join(root, FOLDER, PUBLISHED_FILE)).then((writer) => writer.close());
  expect((await prepare()).hints[0]).toBe(`osc data prepare --data-root ${root}`);
});

test('the root is the reference’s by default, and ~ is the home folder', async () => {
  const { options } = manifestOf(Clevr10)!;
  expect(options.parse({})).toEqual({ root: '~/multi-object-datasets' });
  const error: unknown = await new Clevr10({ root: '~/no-such-folder' })
    .prepare(silentProgress)
    .catch((e: unknown) => e);
  expect((error as UsageError).message).toContain(join(homedir(), 'no-such-folder', FOLDER));
});

(existsSync(shared) ? test : test.skip)('split files written by TensorFlow', async () => {
  // copied: counts are kept beside the files
  mkdirSync(join(root, FOLDER));
  for (const split of ['train', 'val', 'test'] as const) {
    const name = join(FOLDER, splitFile(split));
    copyFileSync(join(shared, name), join(root, name));
  }
  const dataset = new Clevr10({ root });
  await dataset.prepare(silentProgress);
  expect([await dataset.size('train'), await dataset.size('val'), await dataset.size('test')]).toEqual([4, 2, 2]);
});
