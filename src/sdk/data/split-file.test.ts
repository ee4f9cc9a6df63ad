import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import type { SplitName } from '../contracts/data';
import type { RunError } from '../errors';
import { UsageError } from '../errors';
import { silentProgress } from '../logger';
import { SplitFile, downloadCommand, requirePublishedFiles, splitFileOptions } from '.';
import { frameRecord } from './tfrecord-writer';
import { splitRanges } from './split-file';
import { z } from 'zod';

const SPLITS: readonly SplitName[] = ['train', 'val', 'test'];
const ALL = { num_records: null, num_test: null, num_val: null };

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'osc-split-file-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

/** Records of one byte, their number; `broken` ones have a wrong checksum. */
function fileOf(count: number, broken: readonly number[] = []): string {
  const file = join(folder, 'some.tfrecords');
  const records = Array.from({ length: count }, (_, i) => {
    const framed = frameRecord(Uint8Array.of(i));
    if (broken.includes(i)) framed[framed.length - 1]! ^= 1;
    return framed;
  });
  writeFileSync(file, gzipSync(Buffer.concat(records)));
  return file;
}

async function read(dataset: SplitFile, split: SplitName, from?: number, onBad?: (error: RunError) => void) {
  const numbers: number[] = [];
  for await (const { bytes, index } of dataset.records(split, from, onBad)) {
    expect(bytes[0]).toBe(index);
    numbers.push(index);
  }
  return numbers;
}

test('test, validation and training follow each other, share nothing and leave nothing out', () => {
  const sizes = fc.record({
    available: fc.integer({ min: 3, max: 1000 }),
    num_test: fc.option(fc.integer({ min: 1, max: 300 })),
    num_val: fc.option(fc.integer({ min: 1, max: 300 })),
  });
  fc.assert(
    fc.property(sizes, ({ available, num_test, num_val }) => {
      const usual = Math.max(1, Math.floor(0.15 * available));
      const options = { num_records: null, num_test, num_val };
      const rest = available - (num_test ?? usual) - (num_val ?? usual);
      if (rest < 1) {
        expect(() => splitRanges('f', available, options)).toThrow(UsageError);
        return;
      }
      const { train, val, test } = splitRanges('f', available, options);
      expect(test).toEqual({ start: 0, size: num_test ?? usual });
      expect(val).toEqual({ start: test.size, size: num_val ?? usual });
      expect(train).toEqual({ start: test.size + val.size, size: rest });
    }),
  );
});

test('as many records as the published CLEVR has are split as the reference splits those', () => {
  const { num_records } = z.strictObject(splitFileOptions).parse({});
  const { train, val, test } = splitRanges('f', num_records!, ALL);
  expect([num_records, train.size, val.size, test.size]).toEqual([100_000, 70_000, 15_000, 15_000]);
});

test('each split has its own records, from any on', async () => {
  const dataset = new SplitFile(fileOf(20), { num_records: null, num_test: 3, num_val: 4 });
  await dataset.prepare(silentProgress);
  expect(await Promise.all(SPLITS.map((split) => dataset.size(split)))).toEqual([13, 4, 3]);
  expect(await read(dataset, 'test')).toEqual([0, 1, 2]);
  expect(await read(dataset, 'val')).toEqual([3, 4, 5, 6]);
  expect(await read(dataset, 'train')).toEqual(Array.from({ length: 13 }, (_, i) => 7 + i));
  expect(await read(dataset, 'val', 2)).toEqual([5, 6]);
  expect(await read(dataset, 'val', 4)).toEqual([]);
  expect(await read(dataset, 'val', 9)).toEqual([]);
});

test('records after the first num_records are not looked at, not even to count', async () => {
  const file = fileOf(20);
  const bytes = readFileSync(file);
  writeFileSync(file, bytes.subarray(0, bytes.length - 30)); // truncated
  const dataset = new SplitFile(file, { ...ALL, num_records: 10 });
  expect(await Promise.all(SPLITS.map((split) => dataset.size(split)))).toEqual([8, 1, 1]);
  expect(await read(dataset, 'train')).toEqual([2, 3, 4, 5, 6, 7, 8, 9]);
  await expect(new SplitFile(file, ALL).size('train')).rejects.toThrow(/truncated/);
});

test('of a file with fewer records than num_records all are used', async () => {
  const dataset = new SplitFile(fileOf(6), { ...ALL, num_records: 100_000 });
  expect(await Promise.all(SPLITS.map((split) => dataset.size(split)))).toEqual([4, 1, 1]);
});

test('a broken record counts for its own split alone', async () => {
  const dataset = new SplitFile(fileOf(12, [1, 4, 5, 11]), { num_records: null, num_test: 2, num_val: 3 });
  const broken = async (split: SplitName, from = 0): Promise<[number[], string[]]> => {
    const messages: string[] = [];
    const numbers = await read(dataset, split, from, ({ message }) => messages.push(message));
    return [numbers, messages.map((message) => /^Record (\d+)/.exec(message)![1]!)];
  };
  expect(await broken('test')).toEqual([[0], ['1']]);
  expect(await broken('test', 1)).toEqual([[], ['1']]);
  expect(await broken('val')).toEqual([[2, 3], ['4']]);
  expect(await broken('train')).toEqual([
    [6, 7, 8, 9, 10],
    ['5', '11'],
  ]);
  await expect(read(dataset, 'test')).rejects.toThrow(/^Record 1 of .*some\.tfrecords is broken/);
});

test('too few records are told before any work', async () => {
  const file = fileOf(6);
  const prepare = (options: object): Promise<void> =>
    new SplitFile(file, { ...ALL, ...options }).prepare(silentProgress);
  await expect(prepare({ num_test: 4, num_val: 2 })).rejects.toThrow(
    `Of 6 records of ${file}, 4 are for test and 2 for validation: none is left for training.`,
  );
  await expect(prepare({ num_test: 4, num_val: 1 })).resolves.toBeUndefined();
  await expect(new SplitFile(fileOf(2), ALL).prepare(silentProgress)).rejects.toMatchObject({
    name: 'UsageError',
    hints: [`osc data info ${file}`],
  });
});

test('missing files come with the command that gets them', () => {
  const published = { root: folder, folder: 'sprites', files: ['a.tfrecords', 'b.tfrecords'] };
  expect(downloadCommand(published)).toBe(
    `mkdir -p ${folder}/sprites && gsutil cp gs://multi-object-datasets/sprites/a.tfrecords ` +
      `gs://multi-object-datasets/sprites/b.tfrecords ${folder}/sprites/`,
  );
  expect(() => requirePublishedFiles('sprites', published)).toThrow(
    `missing: ${join(folder, 'sprites', 'a.tfrecords')}`,
  );
  fileOf(1);
  expect(existsSync(join(folder, 'some.tfrecords'))).toBe(true);
  expect(() => {
    requirePublishedFiles('sprites', { root: folder, folder: '', files: ['some.tfrecords'] });
  }).not.toThrow();
});
