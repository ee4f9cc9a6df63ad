import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { ResultCache } from './result-cache';

const schema = z.record(z.string(), z.number());
const logger = { error() {}, warn() {}, info() {}, debug: jest.fn() };

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'osc-results-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

test('a value is computed once for a key: in one run, and in the next', async () => {
  const compute = jest.fn(() => Promise.resolve({ a: 1 / 3 }));
  const cache = new ResultCache(logger, folder);
  expect(await cache.remember('one', schema, compute)).toEqual({ a: 1 / 3 });
  expect(await cache.remember('one', schema, compute)).toEqual({ a: 1 / 3 });
  expect(await new ResultCache(logger, folder).remember('one', schema, compute)).toEqual({ a: 1 / 3 });
  expect(compute).toHaveBeenCalledTimes(1);
  await cache.remember('two', schema, compute);
  expect(compute).toHaveBeenCalledTimes(2);
});

test('what is kept and does not fit is computed again', async () => {
  await new ResultCache(logger, folder).remember('one', schema, () => Promise.resolve({ a: 1 }));
  const [file] = readdirSync(folder);
  const kept = readFileSync(join(folder, file!), 'utf8');
  const sha = createHash('sha256').update('{"a":"1"}').digest('hex');
  for (const text of [
    '',
    'null',
    kept.replace('one', 'other'),
    `{"key":"one","value":{"a":"1"},"sha256":"${sha}"}`,
    '{"key":"one"}',
    '{"key":"one","value":{"a":1}}',
    kept.replace('{"a":1}', '{"a":3}'), // a flipped bit
  ]) {
    writeFileSync(join(folder, file!), text);
    const cache = new ResultCache(logger, folder);
    expect(await cache.remember('one', schema, () => Promise.resolve({ a: 2 }))).toEqual({ a: 2 });
  }
});

test('a folder that cannot be written is no error', async () => {
  const blocked = join(folder, 'file');
  writeFileSync(blocked, '');
  const cache = new ResultCache(logger, join(blocked, 'cache'));
  expect(await cache.remember('one', schema, () => Promise.resolve({ a: 1 }))).toEqual({ a: 1 });
  expect(logger.debug).toHaveBeenCalledWith(expect.stringMatching(/is not kept/));
});
