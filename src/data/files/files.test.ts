import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createHash } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { RecordWriter, encodeExample, frameRecord, readRecords } from '../../sdk/data';
import { RunError, UsageError } from '../../sdk/errors';
import { silentProgress } from '../../sdk/logger';
import { type PrepareOptions, describeFile, findRecordFiles, prepareClevr, readSample } from '.';

const shared = join(__dirname, '../../../../shared/data/multi_object_tiny');
const onShared = existsSync(shared) ? describe : describe.skip;

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

onShared('prepare', () => {
  const published = 'clevr_with_masks_train.tfrecords';
  const options = (more: Partial<PrepareOptions> = {}): PrepareOptions => ({
    dataRoot: root,
    train: 4,
    val: 2,
    overwrite: false,
    ...more,
  });
  const left = (): string[] => readdirSync(folder).filter((name) => name !== published);

  beforeEach(() => {
    copyFileSync(join(shared, 'clevr_with_masks', published), join(folder, published));
    chmodSync(join(folder, published), 0o644);
  });

  test('records are equal to the byte to those that TensorFlow made of the same file', async () => {
    const splits = await prepareClevr(options(), silentProgress);
    expect(splits.map(({ split, records }) => [split, records])).toEqual([
      ['train', 4],
      ['val', 2],
      ['test', 2],
    ]);
    const wanted = JSON.parse(readFileSync(join(shared, 'clevr_with_masks/split.json'), 'utf8')) as Record<
      string,
      { record_sha256: string }[]
    >;
    for (const { split, file } of splits) {
      const digests: string[] = [];
      for await (const { bytes } of readRecords(file)) digests.push(createHash('sha256').update(bytes).digest('hex'));
      expect(digests).toEqual(wanted[split]!.map((record) => record.record_sha256));
    }
  });

  test('nothing is overwritten unasked', async () => {
    writeFileSync(join(folder, 'imgs_val.tfrecords'), 'mine');
    const error: unknown = await prepareClevr(options(), silentProgress).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(UsageError);
    expect((error as UsageError).message).toContain('imgs_val.tfrecords');
    expect((error as UsageError).hints).toEqual([`osc data prepare --data-root ${root} --overwrite`]);
    expect(left()).toEqual(['imgs_val.tfrecords']);
    await prepareClevr(options({ overwrite: true }), silentProgress);
    expect(left().filter((name) => name.endsWith('.tfrecords'))).toHaveLength(3);
  });

  test('too few records for a test split: an error, and nothing is left', async () => {
    await expect(prepareClevr(options({ val: 4 }), silentProgress)).rejects.toThrow(
      /has 8 records: with 4 for train and 4 for val none is left for test/,
    );
    expect(left()).toEqual([]);
  });

  test('a truncated published file: an error that names the record, and nothing is left', async () => {
    const bytes = readFileSync(join(folder, published));
    writeFileSync(join(folder, published), bytes.subarray(0, bytes.length / 2));
    await expect(prepareClevr(options(), silentProgress)).rejects.toThrow(
      /Record [2-5] of .*train\.tfrecords is broken .*The gzip file is truncated/,
    );
    expect(left()).toEqual([]);
  });

  test('stopped in the middle: nothing is left', async () => {
    const stop = new AbortController();
    const progress = { ...silentProgress, update: (): void => stop.abort() };
    await expect(prepareClevr(options({ signal: stop.signal }), progress)).rejects.toThrow(RunError);
    expect(left()).toEqual([]);
  });

  test('no published file: how to get it', async () => {
    rmSync(join(folder, published));
    const error: unknown = await prepareClevr(options(), silentProgress).catch((thrown: unknown) => thrown);
    expect((error as UsageError).hints[0]).toContain(
      `gsutil cp gs://multi-object-datasets/clevr_with_masks/${published}`,
    );
  });
});

onShared('samples and descriptions of the published files', () => {
  test.each([
    ['clevr_with_masks/clevr_with_masks_train.tfrecords', [240, 320, 11, 1]],
    ['clevr_with_masks/imgs_val.tfrecords', [240, 320, undefined, 1]],
    ['multi_dsprites/multi_dsprites_binarized.tfrecords', [64, 64, 4, 1]],
    ['objects_room/objects_room_train.tfrecords', [64, 64, 7, 4]],
    ['objects_room/objects_room_test_empty_room.tfrecords', [64, 64, 4, 4]],
    ['objects_room/objects_room_test_six_objects.tfrecords', [64, 64, 10, 4]],
    ['tetrominoes/tetrominoes_train.tfrecords', [35, 35, 4, 1]],
  ])('%s', async (name, [height, width, numMasks, numBackground]) => {
    const sample = await readSample(join(shared, name), 1, silentProgress);
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
    const description = await describeFile(join(folder, name), true, silentProgress);
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
    await expect(describeFile(join(folder, name), true, silentProgress)).rejects.toThrow(/Record 1 of/);
  });
});

test('records of another layout are described by their lists, and not shown', async () => {
  const file = join(folder, 'other.tfrecord');
  const writer = await RecordWriter.create(file, { compression: 'none' });
  const label = { kind: 'int64', values: BigInt64Array.of(1n, 2n) } as const;
  await writer.write(encodeExample({ label, text: { kind: 'bytes', values: [Buffer.from('hello')] } }));
  await writer.close();
  expect(await describeFile(file, false, silentProgress)).toMatchObject({
    compression: 'none',
    records: 1,
    fields: [
      { name: 'label', list: 'int64', values: 2 },
      { name: 'text', list: 'bytes', values: 1 },
    ],
  });
  await expect(readSample(file, 0, silentProgress)).rejects.toThrow(UsageError);
  await expect(readSample(file, 5, silentProgress)).rejects.toThrow(
    /has no record 5. Its 1 records are numbered 0 to 0/,
  );
  await expect(readSample(`${file}.none`, 0, silentProgress)).rejects.toThrow(UsageError);
});

test('an empty file, a file that is no TFRecord, a folder without any', async () => {
  const empty = join(folder, 'empty.tfrecords');
  writeFileSync(empty, '');
  expect(await describeFile(empty, true, silentProgress)).toMatchObject({ records: 0, fields: [] });
  const text = join(folder, 'text.tfrecords');
  writeFileSync(text, 'This is a text and no file of records.');
  await expect(describeFile(text, false, silentProgress)).rejects.toThrow(/Record 0 .*checksum of its length/);
  writeFileSync(text, frameRecord(Buffer.from('no Example')));
  await expect(describeFile(text, false, silentProgress)).rejects.toThrow(/not a valid tf.train.Example/);
  rmSync(folder, { recursive: true });
  await expect(findRecordFiles(root)).rejects.toThrow(UsageError);
  await expect(findRecordFiles(folder)).rejects.toThrow(UsageError);
});
