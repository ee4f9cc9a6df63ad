import { existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { dropTornLine } from './torn-line';

const file = join(mkdtempSync(join(tmpdir(), 'osc-torn-')), 'log');
const long = 'x'.repeat(200_000);

test.each([
  ['', ''],
  ['a\n', 'a\n'],
  ['a\nb', 'a\n'],
  ['torn', ''],
  [`a\n${long}`, 'a\n'],
  [`${long}\n`, `${long}\n`],
  ['\n', '\n'],
])('%#', (text, left) => {
  writeFileSync(file, text);
  dropTornLine(file);
  expect(readFileSync(file, 'utf8')).toBe(left);
});

test('a file that is not there', () => {
  dropTornLine(`${file}-not`);
  expect(existsSync(`${file}-not`)).toBe(false);
});
