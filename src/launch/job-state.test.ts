import { appendFileSync, mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { QueuedState } from '../sdk';
import { takeLock } from '../util/lock';
import { NEW_RECORD, readJobRecord, writeJobRecord, type JobState } from './job-record';
import { isLocked, lastLine, stateOfJob } from './job-state';
import { jobFiles } from './sweep-folder';

let sweep: string;

beforeEach(() => {
  sweep = mkdtempSync(join(tmpdir(), 'osc-sweep-'));
  mkdirSync(join(sweep, 'jobs'));
});
afterEach(() => {
  rmSync(sweep, { recursive: true, force: true });
});

const note = (state: JobState): void => {
  writeJobRecord(sweep, 0, { ...NEW_RECORD, state, attempts: 1 });
};

/** The lock of a process that was killed. */
const leaveLock = (): void => {
  const { lock } = jobFiles(sweep, 0);
  writeFileSync(lock, JSON.stringify({ host: 'elsewhere', pid: 1, token: 'x' }));
  utimesSync(lock, 1, 1);
};

test('a job without a record waits', () => {
  expect(readJobRecord(sweep, 0)).toEqual(NEW_RECORD);
  expect(stateOfJob(sweep, 0)).toEqual(NEW_RECORD);
});

test('a record that is damaged is named', () => {
  writeFileSync(jobFiles(sweep, 0).record, '{"state": "asleep", "attempts": 1}');
  expect(() => stateOfJob(sweep, 0)).toThrow(/jobs\/000\.json is damaged/);
});

test('one that runs is running while its lock is held', async () => {
  note('running');
  const lock = await takeLock(jobFiles(sweep, 0).lock);
  expect(isLocked(jobFiles(sweep, 0).lock)).toBe(true);
  expect(stateOfJob(sweep, 0).state).toBe('running');
  lock.release();
  expect(isLocked(jobFiles(sweep, 0).lock)).toBe(false);
});

test('one that gave its lock back without a word has failed, with the last line it printed', () => {
  note('running');
  appendFileSync(jobFiles(sweep, 0).log, 'Epoch 1\n\u001b[31mSegmentation fault\u001b[0m\n\n');
  expect(stateOfJob(sweep, 0)).toMatchObject({ state: 'failed', reason: ' [31mSegmentation fault [0m' });
  rmSync(jobFiles(sweep, 0).log);
  expect(stateOfJob(sweep, 0).reason).toBe('Its process ended without a word.');
});

test('one whose lock was left behind was killed, and can go on', () => {
  note('running');
  leaveLock();
  expect(stateOfJob(sweep, 0)).toMatchObject({ state: 'stopped', reason: 'Its process was killed.' });
});

test('a lock of another machine is held while it is renewed', () => {
  leaveLock();
  utimesSync(jobFiles(sweep, 0).lock, new Date(), new Date());
  expect(isLocked(jobFiles(sweep, 0).lock)).toBe(true);
});

test.each<[JobState, QueuedState, JobState, string | null]>([
  ['waiting', { state: 'waiting', detail: 'Resources' }, 'waiting', 'Resources'],
  ['waiting', { state: 'running' }, 'running', null],
  ['waiting', { state: 'ended', detail: 'FAILED' }, 'failed', 'The queue says FAILED.'],
  ['waiting', { state: 'ended', cancelled: true }, 'stopped', 'It was taken out of the queue before it began.'],
  ['stopped', { state: 'waiting' }, 'waiting', null],
  ['running', { state: 'running' }, 'running', null],
  ['running', { state: 'ended', detail: 'OUT_OF_MEMORY' }, 'failed', 'The queue says OUT_OF_MEMORY.'],
  ['finished', { state: 'ended' }, 'finished', null],
])('noted as %s, in the queue %j: %s', (noted, queued, state, reason) => {
  note(noted);
  expect(stateOfJob(sweep, 0, queued)).toMatchObject({ state, reason });
});

test('the last line of a long log is read from its end', () => {
  const { log } = jobFiles(sweep, 0);
  writeFileSync(log, `${'x'.repeat(100)}\n`.repeat(2000) + 'the end\n');
  expect(lastLine(log)).toBe('the end');
  expect(lastLine(join(sweep, 'nothing'))).toBeUndefined();
});
