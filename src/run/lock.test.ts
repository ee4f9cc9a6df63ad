import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, utimesSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { lockRun } from './lock';

let runDir: string;
let lock: string;
beforeEach(() => {
  runDir = mkdtempSync(join(tmpdir(), 'osc-lock-'));
  lock = join(runDir, '.lock');
});

test('locks, and gives back', () => {
  const release = lockRun(runDir);
  expect(existsSync(lock)).toBe(true);
  release();
  expect(existsSync(lock)).toBe(false);
});

test('a run of a living process is refused, with its number', () => {
  writeFileSync(lock, JSON.stringify({ host: hostname(), pid: process.ppid }));
  expect(() => lockRun(runDir)).toThrow(`being trained by process ${process.ppid}`);
});

test.each([
  ['of a process that is gone', JSON.stringify({ host: hostname(), pid: spawnSync('true').pid }), 0],
  ['of another machine without a sign for ten minutes', JSON.stringify({ host: 'elsewhere', pid: 1 }), 600],
  ['cut off long ago', '{"ho', 600],
])('a lock %s is taken over', (_, text, age) => {
  writeFileSync(lock, text);
  const then = Date.now() / 1000 - age;
  utimesSync(lock, then, then);
  lockRun(runDir)();
  expect(existsSync(lock)).toBe(false);
});

test('a fresh lock of another machine is not', () => {
  writeFileSync(lock, JSON.stringify({ host: 'elsewhere', pid: 1 }));
  expect(() => lockRun(runDir)).toThrow(/process 1 on elsewhere/);
});
