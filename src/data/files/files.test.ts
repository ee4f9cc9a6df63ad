import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { Registry } from '../../registry';
import type { Dataset, PreparableDataset } from '../../sdk';
import {
  RecordWriter,
  encodeExample,
  parseExample,
  readRecords,
  type FieldSpec,
  type RecordLayout,
} from '../../sdk/data';
import { frameRecord, inferLayout } from '../../sdk/data/internal';
import { UsageError } from '../../sdk/errors';
import { silentProgress } from '../../sdk/logger';
import { recordLayouts } from '../find-datasets';
import { describeFile, findRecordFiles, prepareDatasetFiles, readSample } from '.';

const shared = join(__dirname, '../../../../shared/data/multi_object_tiny');
const onShared = existsSync(shared) ? describe : describe.skip;

/** Of the data sets in the box. */
let layouts: readonly RecordLayout[];
beforeAll(async () => {
  layouts = await recordLayouts(await Registry.open({ plugins: [], from: __dirname }));
});

let root: string;
let folder: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'osc-files-'));
  folder = join(root, 'clevr_with_masks');
  mkdirSync(folder);
});
afterEach(() => {
  rmSync(root, { recursive: true, force: true });
});

onShared('samples and descriptions of the published files', () => {
  const expected = existsSync(shared)
    ? (JSON.parse(readFileSync(join(shared, 'expected.json'), 'utf8')) as Record<
        string,
        Record<string, { shape: number[]; dtype: 'uint8' | 'float32' }>[]
      >)
    : {};

  test.each(Object.keys(expected))('the layout of every record of %s', async (name) => {
    const specs = (record: number): FieldSpec[] =>
      Object.entries(expected[name]![record]!).map(([field, { dtype, shape }]) => ({
        ...{ name: field, type: dtype, shape },
        // as multi_object_datasets/multi_dsprites.py has it
        ...(field === 'mask' && name.startsWith('multi_dsprites') ? { axes: [2, 0, 1, 3] } : {}),
      }));
    const byName = (a: FieldSpec, b: FieldSpec): number => a.name.localeCompare(b.name);
    for await (const { bytes, index } of readRecords(join(shared, name))) {
      const { fields } = inferLayout(parseExample(bytes), layouts)!;
      expect([...fields].sort(byName)).toEqual(specs(index).sort(byName));
    }
  });

  test.each([
    ['clevr_with_masks/clevr_with_masks_train.tfrecords', [240, 320, 11, 1]],
    ['clevr_with_masks/imgs_val.tfrecords', [240, 320, undefined, 1]],
    ['multi_dsprites/multi_dsprites_binarized.tfrecords', [64, 64, 4, 1]],
    ['objects_room/objects_room_train.tfrecords', [64, 64, 7, 4]],
    ['objects_room/objects_room_test_empty_room.tfrecords', [64, 64, 4, 4]],
    ['objects_room/objects_room_test_six_objects.tfrecords', [64, 64, 10, 4]],
    ['tetrominoes/tetrominoes_train.tfrecords', [35, 35, 4, 1]],
  ])('%s', async (name, [height, width, numMasks, numBackground]) => {
    const sample = await readSample(join(shared, name), { index: 1, layouts }, silentProgress);
    expect([sample.height, sample.width, sample.numMasks]).toEqual([height, width, numMasks]);
    expect(sample.numBackground).toBe(numBackground);
    expect(sample.image).toHaveLength(height! * width! * 3);
    if (numMasks === undefined) return;
    // every pixel belongs to one entity
    const size = height! * width!;
    for (let pixel = 0; pixel < size; pixel += 97) {
      const owners = Array.from({ length: numMasks }, (_, k) => sample.masks![k * size + pixel]!).filter((v) => v > 0);
      expect(owners.length).toBeLessThanOrEqual(1);
    }
  });

  test('info', async () => {
    const name = 'imgs_test.tfrecords';
    copyFileSync(join(shared, 'clevr_with_masks', name), join(folder, name));
    const description = await describeFile(join(folder, name), { layouts, check: true }, silentProgress);
    expect(description).toMatchObject({ compression: 'GZIP', records: 2, recordBytes: 3226280 });
    expect(description.fields).toHaveLength(12);
    expect(description.fields.find((field) => field.name === 'mask')).toEqual({
      name: 'mask',
      list: 'bytes',
      values: 844800,
      type: 'uint8',
      shape: [11, 240, 320, 1],
    });
    expect(await findRecordFiles(root)).toEqual([join(folder, name)]);
    const unpacked = gunzipSync(readFileSync(join(folder, name)));
    unpacked[unpacked.length - 20]! ^= 1;
    writeFileSync(join(folder, name), unpacked);
    await expect(describeFile(join(folder, name), { layouts, check: true }, silentProgress)).rejects.toThrow(
      /Record 1 of/,
    );
  });
});

test('records of another layout are described by their lists, and not shown', async () => {
  const file = join(folder, 'other.tfrecord');
  const writer = await RecordWriter.create(file, { compression: 'none' });
  const label = { kind: 'int64', values: BigInt64Array.of(1n, 2n) } as const;
  await writer.write(encodeExample({ label, text: { kind: 'bytes', values: [Buffer.from('hello')] } }));
  await writer.close();
  expect(await describeFile(file, { layouts, check: false }, silentProgress)).toMatchObject({
    compression: 'none',
    records: 1,
    fields: [
      { name: 'label', list: 'int64', values: 2 },
      { name: 'text', list: 'bytes', values: 1 },
    ],
  });
  await expect(readSample(file, { index: 0, layouts }, silentProgress)).rejects.toThrow(UsageError);
  await expect(readSample(file, { index: 5, layouts }, silentProgress)).rejects.toThrow(
    /has no record 5. Its 1 records are numbered 0 to 0/,
  );
  await expect(readSample(`${file}.none`, { index: 0, layouts }, silentProgress)).rejects.toThrow(UsageError);
});

test('an empty file, a file that is no TFRecord, a folder without any', async () => {
  const empty = join(folder, 'empty.tfrecords');
  writeFileSync(empty, '');
  expect(await describeFile(empty, { layouts, check: true }, silentProgress)).toMatchObject({ records: 0, fields: [] });
  const text = join(folder, 'text.tfrecords');
  writeFileSync(text, 'This is a text and no file of records.');
  await expect(describeFile(text, { layouts, check: false }, silentProgress)).rejects.toThrow(
    /Record 0 .*checksum of its length/,
  );
  writeFileSync(text, frameRecord(Buffer.from('no Example')));
  await expect(describeFile(text, { layouts, check: false }, silentProgress)).rejects.toThrow(
    /not a valid tf.train.Example/,
  );
  rmSync(folder, { recursive: true });
  await expect(findRecordFiles(root)).rejects.toThrow(UsageError);
  await expect(findRecordFiles(folder)).rejects.toThrow(UsageError);
});

describe('files of a data set', () => {
  const options = { train: 2, val: null, overwrite: false };
  const dataset: Dataset = {
    prepare: () => Promise.resolve(),
    size: () => Promise.resolve(0),
    async *records() {},
    decode: () => ({ image: new Uint8Array(3), height: 1, width: 1 }),
  };

  test('are made by the data set itself', async () => {
    const prepareFiles = jest.fn().mockResolvedValue([{ split: 'train', file: 'a', records: 2, bytes: 7 }]);
    const able: PreparableDataset = { ...dataset, prepareFiles };
    const made = await prepareDatasetFiles({ dataset: able, name: 'mine', ...options }, silentProgress);
    expect(made).toEqual([{ split: 'train', file: 'a', records: 2, bytes: 7 }]);
    expect(prepareFiles).toHaveBeenCalledWith(options, silentProgress);
  });

  test('of one that has none to make are an error', async () => {
    await expect(prepareDatasetFiles({ dataset, name: 'mine', ...options }, silentProgress)).rejects.toThrow(
      'The data set mine needs no files prepared',
    );
  });
});
