import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkRunPath, CONFIG_FILE, makeRunDirectory, newRunPath } from './directory';
import { randomRunName } from './run-name';

let cwd: string;
const makeRun = (name: string): string => {
  const path = join(cwd, 'outputs', '2026-01-02', name);
  mkdirSync(path, { recursive: true });
  writeFileSync(join(path, CONFIG_FILE), '');
  return path;
};
beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), 'osc-run-'));
});

test('a new run lies under its date and time; a name cannot leave that folder', () => {
  const now = new Date(2026, 0, 2, 3, 4, 5);
  expect(newRunPath('/w', 'quiet-lynx', now)).toBe('/w/outputs/2026-01-02/03-04-05_quiet-lynx');
  expect(newRunPath('/w', '../a b', now)).toBe('/w/outputs/2026-01-02/03-04-05_..-a-b');
});

test('names are two words', () => {
  expect(randomRunName()).toMatch(/^[a-z]+-[a-z]+$/);
});

test('two runs of one name in one second get two folders', () => {
  const path = newRunPath(cwd, 'same', new Date());
  expect([1, 2, 3].map(() => makeRunDirectory(path, false))).toEqual([path, `${path}-2`, `${path}-3`]);
  expect(makeRunDirectory(join(cwd, 'mine'), true)).toBe(join(cwd, 'mine'));
});

test('a new run does not mix with what is there', () => {
  const path = makeRun('x');
  expect(checkRunPath(cwd, 'fresh')).toBe(join(cwd, 'fresh'));
  expect(() => checkRunPath(cwd, path)).toThrow(/is not empty/);
  writeFileSync(join(cwd, 'file'), '');
  expect(() => checkRunPath(cwd, 'file')).toThrow(/is a file/);
});
