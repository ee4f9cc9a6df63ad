import { execFileSync } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readEnds } from './file-ends';

const file = join(mkdtempSync(join(tmpdir(), 'osc-ends-')), 'x.jsonl');
const read = (text: string, bytes: number) => {
  writeFileSync(file, text);
  return readEnds(file, bytes);
};

test('whole lines of both ends', () => {
  expect(read('one\ntwo\nthree\nfour\n', 8)).toEqual({ head: ['one', 'two'], tail: ['four'] });
  expect(read('one\ntwo\nthree\nfour\n', 100)).toEqual({ head: ['one', 'two', 'three', 'four'], tail: [] });
  expect(read('', 8)).toEqual({ head: [], tail: [] });
});

test('a line that is cut off is left out, and so is one longer than what is read', () => {
  expect(read('one\ntwo', 100).head).toEqual(['one']);
  expect(read(`${'x'.repeat(50)}\n`, 10)).toEqual({ head: [], tail: [] });
});

test('what is no file is not opened', () => {
  const pipe = `${file}.pipe`;
  execFileSync('mkfifo', [pipe]);
  expect(() => readEnds(pipe, 10)).toThrow('It is no file.');
});
