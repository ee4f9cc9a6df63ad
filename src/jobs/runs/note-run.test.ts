import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeRun } from './made-run.fixture';
import { noteRun, tagRun } from './note-run';

let cwd: string;
let run: string;
beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), 'osc-note-'));
  run = makeRun(join(cwd, 'outputs/2026-01-02/03-04-05_a'));
});
afterEach(() => {
  rmSync(cwd, { recursive: true });
});

const tag = (tags: string[], remove = false) => tagRun({ cwd, run: 'a', tags, remove });
const note = (text?: string, remove = false) => noteRun({ cwd, run: 'a', text, remove });
const saved = (): unknown => JSON.parse(readFileSync(join(run, 'notes.json'), 'utf8'));

test('tags are added once each, and taken away by name or all', async () => {
  expect(await tag(['good', 'ä b'])).toEqual({ folder: run, tags: ['good', 'ä b'], note: null });
  await tag(['good', 'paper']);
  expect(saved()).toEqual({ tags: ['good', 'ä b', 'paper'], note: null });
  await tag(['good'], true);
  expect((await tag([])).tags).toEqual(['ä b', 'paper']);
  await expect(tag(['papre'], true)).rejects.toThrow('The run has no tag papre. Did you mean paper?');
  expect((await tag([], true)).tags).toEqual([]);
});

test('a note takes the place of the one before, and tags stay', async () => {
  await tag(['good']);
  await note('first');
  await note('second, on\ntwo lines');
  expect(saved()).toEqual({ tags: ['good'], note: 'second, on\ntwo lines' });
  expect((await note()).note).toBe('second, on\ntwo lines');
  expect((await note(undefined, true)).note).toBeNull();
});

test.each(['', ' ', 'a,b', 'a\nb', '\x1b[1m', 'x'.repeat(101)])('%j is no tag', async (text) => {
  await expect(tag([text])).rejects.toThrow('cannot be a tag');
});

test('a note that says nothing, or too much', async () => {
  await expect(note('')).rejects.toThrow('The note is empty.');
  await expect(note('x'.repeat(10_001))).rejects.toThrow('at most 10000 characters');
  await expect(note('x', true)).rejects.toThrow('not both');
});
