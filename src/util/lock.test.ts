import { spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { LockedError, takeLock } from './lock';
import { stateOf, thisHolder, type LockHolder } from './lock-holder';

const QUICK = { beatMs: 10, staleMs: 100 };
const DEAD = spawnSync('true').pid;

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'osc-lock-'));
  file = join(folder, '.lock');
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

const write = (change: Partial<LockHolder>, to = file): void => {
  writeFileSync(to, JSON.stringify({ ...thisHolder(), ...change }));
};
const take = (onWait?: (who: string) => void) => takeLock(file, onWait, QUICK);

test('says who holds it, and is given back', async () => {
  const lock = await take();
  expect(JSON.parse(readFileSync(file, 'utf8'))).toMatchObject({ host: hostname(), pid: process.pid });
  expect(readdirSync(folder)).toEqual(['.lock']);
  lock.release();
  expect(readdirSync(folder)).toEqual([]);
});

test('a process has it once', async () => {
  const lock = await take();
  await expect(take()).rejects.toThrow(LockedError);
  lock.release();
  (await take()).release();
});

const onLinux = process.platform === 'linux' ? test : test.skip;

onLinux('one of a living process is refused, with its number', async () => {
  const started = readFileSync(`/proc/${process.ppid}/stat`, 'utf8').split(') ').at(-1)!.split(' ')[19]!;
  write({ pid: process.ppid, started });
  await expect(take()).rejects.toThrow(`is held by process ${process.ppid} on ${hostname()}`);
});

onLinux.each<[string, Partial<LockHolder>]>([
  ['of a process that is gone', { pid: DEAD }],
  ['of a killed process whose number is now another program’s', { pid: process.ppid, started: '1' }],
  ['of a killed process that had our number', { started: '1' }],
])('one %s is taken over at once', async (_, change) => {
  write(change);
  const onWait = jest.fn();
  (await take(onWait)).release();
  expect(onWait).not.toHaveBeenCalled();
  expect(existsSync(file)).toBe(false);
});

const UNSEEN: readonly (readonly [string, string, string])[] = [
  ['of another machine', JSON.stringify({ host: 'elsewhere', pid: 1 }), 'process 1 on elsewhere'],
  [
    'with our number in another container',
    JSON.stringify({ ...thisHolder(), system: 'boot pid:[1]' }),
    `process ${process.pid} on ${hostname()}`,
  ],
  ['that was cut off', '{"ho', 'another process'],
  ['that says nothing', 'null', 'another process'],
];

test.each(UNSEEN)('one %s is taken over when it is not renewed while we look', async (_, text, who) => {
  writeFileSync(file, text);
  const onWait = jest.fn();
  const started = performance.now();
  (await take(onWait)).release();
  expect(performance.now() - started).toBeGreaterThanOrEqual(QUICK.staleMs);
  expect(onWait.mock.calls).toEqual([[who, 0.1]]);
});

test.each(UNSEEN)('one %s is refused when it is renewed, whatever its clock says', async (_, text, who) => {
  writeFileSync(file, text);
  let time = 1000;
  const renewal = setInterval(() => utimesSync(file, time, time++), 5);
  try {
    await expect(take()).rejects.toThrow(expect.objectContaining({ file, who }));
  } finally {
    clearInterval(renewal);
  }
});

test('a process that was killed while it took one over blocks nobody', async () => {
  write({ pid: DEAD, token: 'first' });
  const { createHash } = await import('node:crypto');
  const name = createHash('sha256').update(readFileSync(file)).digest('hex').slice(0, 16);
  write({ pid: DEAD, token: 'second' }, `${file}.${name}`);
  const lock = await take();
  expect(readdirSync(folder)).toEqual(['.lock']);
  lock.release();
});

const until = async (done: () => boolean): Promise<void> => {
  while (!done()) await new Promise((resolve) => setTimeout(resolve, 5));
};

test('it is renewed while it is held, also while this thread is busy', async () => {
  const lock = await take();
  await until(() => statSync(file).mtimeMs > 0);
  utimesSync(file, 1, 1);
  // waits without letting anything else happen in this thread
  for (let i = 0; i < 200 && statSync(file).mtimeMs < 2000; i++) {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 50);
  }
  expect(statSync(file).mtimeMs).toBeGreaterThan(2000);
  expect(lock.lost).toBe(false);
  lock.release();
});

test.each([
  ['removed', () => rmSync(file)],
  ['removed with its folder', () => rmSync(folder, { recursive: true })],
  ['taken by another', () => write({ token: 'other' })],
])('it notices that it was %s, and throws nothing', async (how, lose) => {
  const lock = await take();
  lose();
  await until(() => lock.lost);
  lock.release();
  expect(existsSync(file)).toBe(how === 'taken by another');
});

test('without /proc only a process that is gone is certain', () => {
  expect(stateOf({ ...thisHolder(), system: null, pid: DEAD })).toBe('gone');
  expect(stateOf({ ...thisHolder(), system: null })).toBe('unseen');
  expect(stateOf({ ...thisHolder(), system: null, pid: DEAD, host: 'elsewhere' })).toBe('unseen');
});
