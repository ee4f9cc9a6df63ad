import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkOutputFile } from './output-file';

const folder = mkdtempSync(join(tmpdir(), 'osc-output-'));
const file = join(folder, 'file');
writeFileSync(file, '');

test.each([
  [folder, `${folder} is a folder; --out names a file.`],
  [join(file, 'x'), `${file} is no folder. --out names ${join(file, 'x')}.`],
  [join(file, 'x', 'y'), `${file} is no folder. --out names ${join(file, 'x', 'y')}.`],
])('%s', (path, message) => {
  expect(() => checkOutputFile(path, '--out')).toThrow(expect.objectContaining({ name: 'UsageError', message }));
});

test.each([file, join(folder, 'new'), join(folder, 'a', 'b', 'c'), 'here'])('%s is a place for a file', (path) => {
  expect(() => checkOutputFile(path, '--out')).not.toThrow();
});
