/** What every reader makes of the files of the corpus: valid ones, and every kind of bad one that is known. Needs `npm run build`. */
import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

const CORPUS = join(__dirname, 'corpus');
const expected = JSON.parse(readFileSync(join(CORPUS, 'verdicts.json'), 'utf8')) as Record<string, string>;
const MAX_BYTES = 300_000;

let verdicts: Record<string, string>;
beforeAll(async () => {
  const { stdout } = await promisify(execFile)(process.execPath, [join(__dirname, 'judge-corpus.mjs')]);
  verdicts = JSON.parse(stdout) as Record<string, string>;
});

test('every file has its verdict', () => {
  expect(Object.keys(verdicts).sort()).toEqual(Object.keys(expected).sort());
});

test.each(Object.keys(expected))('%s', (file) => {
  // some end in the words of this version of Node
  expect(verdicts[file]?.slice(0, expected[file]!.length)).toBe(expected[file]);
});

test('no verdict is a failure, and each reader has something that it takes', () => {
  const kinds = new Map<string, Set<string>>();
  for (const [file, verdict] of Object.entries(expected)) {
    const target = file.split('/')[0]!;
    kinds.set(target, (kinds.get(target) ?? new Set()).add(verdict.split(':')[0]!));
  }
  for (const verdictsOf of kinds.values()) {
    expect([...verdictsOf]).toContain('value');
    expect([...verdictsOf]).not.toContain('failure');
  }
});

test('the corpus is small', () => {
  const files = readdirSync(CORPUS, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const bytes = files.reduce((sum, { parentPath, name }) => sum + readFileSync(join(parentPath, name)).length, 0);
  expect(bytes).toBeLessThan(MAX_BYTES);
});
