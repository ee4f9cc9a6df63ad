import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { LockedError, takeLock } from './lock';

let folder: string;
let lock: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'osc-lock-'));
  lock = join(folder, '.lock');
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

test('says who holds it, and is given back', () => {
  const release = takeLock(lock);
  expect(JSON.parse(readFileSync(lock, 'utf8'))).toEqual({ host: hostname(), pid: process.pid });
  release();
  expect(existsSync(lock)).toBe(false);
});

test('a process has it once', () => {
  const release = takeLock(lock);
  expect(() => takeLock(lock)).toThrow(LockedError);
  release();
  takeLock(lock)();
});

test('one of a living process is refused, with its number', () => {
  writeFileSync(lock, JSON.stringify({ host: hostname(), pid: process.ppid }));
  expect(() => takeLock(lock)).toThrow(`is held by process ${process.ppid} on ${hostname()}`);
});

test.each([
  ['of a process that is gone', JSON.stringify({ host: hostname(), pid: spawnSync('true').pid }), 0],
  ['of a killed process that had our number', JSON.stringify({ host: hostname(), pid: process.pid }), 0],
  ['of another machine, not renewed for ten minutes', JSON.stringify({ host: 'elsewhere', pid: 1 }), 600],
  ['cut off long ago', '{"ho', 600],
  ['that says nothing, long ago', 'null', 600],
])('one %s is taken over', (_, text, age) => {
  writeFileSync(lock, text);
  const then = Date.now() / 1000 - age;
  utimesSync(lock, then, then);
  takeLock(lock)();
  expect(existsSync(lock)).toBe(false);
});

test.each([
  ['of another machine', JSON.stringify({ host: 'elsewhere', pid: 1 }), 'process 1 on elsewhere'],
  ['that is just being written', '', 'another process'],
])('a fresh one %s is not', (_, text, who) => {
  writeFileSync(lock, text);
  expect(() => takeLock(lock)).toThrow(expect.objectContaining({ file: lock, who }));
});

test('it is renewed while it is held', () => {
  jest.useFakeTimers();
  try {
    const release = takeLock(lock);
    utimesSync(lock, 0, 0);
    jest.advanceTimersByTime(60_000);
    expect(statSync(lock).mtimeMs).toBeCloseTo(Date.now(), 0);
    release();
  } finally {
    jest.useRealTimers();
  }
});
