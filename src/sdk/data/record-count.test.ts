import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { Progress } from '../logger';
import { recordCount } from '.';
import { frameRecord } from './tfrecord-writer';
import { keepRecordCount, knownRecordCount } from './record-count';

let folder: string;
const { XDG_CACHE_HOME } = process.env;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'osc-count-'));
  mkdirSync(join(folder, 'data'));
  process.env.XDG_CACHE_HOME = join(folder, 'cache');
});
afterEach(() => {
  chmodSync(join(folder, 'data'), 0o755);
  rmSync(folder, { recursive: true, force: true });
  if (XDG_CACHE_HOME === undefined) delete process.env.XDG_CACHE_HOME;
  else process.env.XDG_CACHE_HOME = XDG_CACHE_HOME;
});

function fileOf(count: number): string {
  const file = join(folder, 'data', 'some.tfrecords');
  const records = Array.from({ length: count }, (_, i) => frameRecord(Uint8Array.of(i)));
  writeFileSync(file, gzipSync(Buffer.concat(records)));
  return file;
}

function listening(): Progress & { started: string[] } {
  const started: string[] = [];
  return { started, start: (label, _total, unit) => started.push(`${label} ${unit}`), update() {}, stop() {} };
}

test('counted once, then known, and counted again when the file is another', async () => {
  const progress = listening();
  const file = fileOf(5);
  expect(await knownRecordCount(file)).toBeUndefined();
  expect(await recordCount(file, progress)).toBe(5);
  expect(await recordCount(file, progress)).toBe(5);
  expect(progress.started).toEqual(['Counting the records of some.tfrecords MB']);
  fileOf(6);
  expect(await knownRecordCount(file)).toBeUndefined();
  expect(await recordCount(file, progress)).toBe(6);
  expect(progress.started).toHaveLength(2);
});

test('counting may stop early; what was counted then is known for as many or fewer', async () => {
  const progress = listening();
  const file = fileOf(5);
  expect(await recordCount(file, progress, 3)).toBe(3);
  expect(await recordCount(file, progress, 3)).toBe(3);
  expect(await recordCount(file, progress, 2)).toBe(2);
  expect(progress.started).toEqual(['Counting the records of some.tfrecords records']);
  expect(await knownRecordCount(file)).toBeUndefined();
  expect(await knownRecordCount(file, 4)).toBeUndefined();
  expect(await recordCount(file, progress, 9)).toBe(5);
  expect(await knownRecordCount(file)).toBe(5);
  expect(await recordCount(file, progress, 4)).toBe(4);
  expect(progress.started).toHaveLength(2);
});

test('a note that is no JSON is not believed', async () => {
  const file = fileOf(3);
  await keepRecordCount(file, 3);
  const [note] = readdirSync(join(folder, 'data')).filter((name) => name.endsWith('.json'));
  writeFileSync(join(folder, 'data', note!), '{"records": 99');
  expect(await recordCount(file, listening())).toBe(3);
});

test('nor is one that says another number than was counted', async () => {
  const file = fileOf(3);
  await keepRecordCount(file, 3);
  const [name] = readdirSync(join(folder, 'data')).filter((entry) => entry.endsWith('.json'));
  const note = join(folder, 'data', name!);
  const text = readFileSync(note, 'utf8');
  writeFileSync(note, text.replace('"records":3', '"records":2'));
  expect(await knownRecordCount(file)).toBeUndefined();
  writeFileSync(note, text.replace('"records":3', '"records":3,"atLeast":true'));
  expect(await knownRecordCount(file, 3)).toBeUndefined();
  expect(await recordCount(file, listening())).toBe(3);
});

test('beside a file that cannot be written to, the count goes to the cache folder', async () => {
  const file = fileOf(4);
  // a folder in the note's place: not even root can write a file there
  mkdirSync(join(folder, 'data', '.some.tfrecords.count.json', 'x'), { recursive: true });
  expect(await keepRecordCount(file, 4)).toBe(true);
  expect(existsSync(join(folder, 'cache', 'osc', 'record-counts'))).toBe(true);
  expect(await knownRecordCount(file)).toBe(4);
  rmSync(join(folder, 'cache'), { recursive: true });
  writeFileSync(join(folder, 'cache'), 'a file');
  expect(await keepRecordCount(file, 4)).toBe(false);
  expect(await recordCount(file, listening())).toBe(4);
});
