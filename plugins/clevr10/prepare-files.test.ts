import { createHash } from 'node:crypto';
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
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type PreparedFile,
  type PrepareFilesOptions,
  type Progress,
  RunError,
  silentProgress,
  UsageError,
} from 'osc-trainer/sdk';
import { readRecords } from 'osc-trainer/sdk/data';
import { Clevr10 } from './clevr10';
import { FOLDER, PUBLISHED_FILE } from './records';

const shared = join(__dirname, '../../../shared/data/multi_object_tiny');
const onShared = existsSync(shared) ? describe : describe.skip;

let root: string;
let folder: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'osc-clevr10-files-'));
  folder = join(root, FOLDER);
  mkdirSync(folder);
});
afterEach(() => {
  rmSync(root, { recursive: true, force: true });
});

const prepareFiles = (options: PrepareFilesOptions, progress: Progress): Promise<PreparedFile[]> =>
  new Clevr10({ root }).prepareFiles(options, progress);

onShared('splitting the published file', () => {
  const published = PUBLISHED_FILE;
  const options = (more: Partial<PrepareFilesOptions> = {}): PrepareFilesOptions => ({
    train: 4,
    val: 2,
    overwrite: false,
    ...more,
  });
  const left = (): string[] => readdirSync(folder).filter((name) => name !== published);

  beforeEach(() => {
    copyFileSync(join(shared, FOLDER, published), join(folder, published));
    chmodSync(join(folder, published), 0o644);
  });

  test('records are equal to the byte to those that TensorFlow made of the same file', async () => {
    const splits = await prepareFiles(options(), silentProgress);
    expect(splits.map(({ split, records }) => [split, records])).toEqual([
      ['train', 4],
      ['val', 2],
      ['test', 2],
    ]);
    const wanted = JSON.parse(readFileSync(join(shared, FOLDER, 'split.json'), 'utf8')) as Record<
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
    const error: unknown = await prepareFiles(options(), silentProgress).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(UsageError);
    expect((error as UsageError).message).toContain('imgs_val.tfrecords');
    expect((error as UsageError).hints).toEqual([`osc data prepare --data-root ${root} --overwrite`]);
    expect(left()).toEqual(['imgs_val.tfrecords']);
    await prepareFiles(options({ overwrite: true }), silentProgress);
    expect(left().filter((name) => name.endsWith('.tfrecords'))).toHaveLength(3);
  });

  test('too few records for a test split: an error, and nothing is left', async () => {
    await expect(prepareFiles(options({ val: 4 }), silentProgress)).rejects.toThrow(
      /has 8 records: with 4 for train and 4 for val none is left for test/,
    );
    expect(left()).toEqual([]);
  });

  test('a truncated published file: an error that names the record, and nothing is left', async () => {
    const bytes = readFileSync(join(folder, published));
    writeFileSync(join(folder, published), bytes.subarray(0, bytes.length / 2));
    await expect(prepareFiles(options(), silentProgress)).rejects.toThrow(
      /Record [2-5] of .*train\.tfrecords is broken .*The gzip file is truncated/,
    );
    expect(left()).toEqual([]);
  });

  test('stopped in the middle: nothing is left', async () => {
    const stop = new AbortController();
    const progress = { ...silentProgress, update: (): void => stop.abort() };
    await expect(prepareFiles(options({ signal: stop.signal }), progress)).rejects.toThrow(RunError);
    expect(left()).toEqual([]);
  });

  test('no published file: how to get it', async () => {
    rmSync(join(folder, published));
    const error: unknown = await prepareFiles(options(), silentProgress).catch((thrown: unknown) => thrown);
    expect((error as UsageError).hints[0]).toContain(
      `gsutil cp gs://multi-object-datasets/clevr_with_masks/${published}`,
    );
  });
});
