/** The state of each job as it is now: what its record says, whether its process lives, what the queue says. */
import { closeSync, existsSync, fstatSync, openSync, readSync, statSync } from 'node:fs';
import type { QueuedState } from '../sdk';
import { lookAtLock } from '../util/lock-file';
import { printable, shortenText } from '../util/text';
import { readJobRecord, type JobRecord } from './job-record';
import { jobFiles } from './sweep-folder';

/** A lock of another machine that was renewed within this time is taken for one that is held. Locks are renewed every two seconds. */
const RENEWED_MS = 60_000;

/** Whether the process that holds a lock lives, as far as can be told from here without waiting. */
export function isLocked(file: string): boolean {
  const lock = lookAtLock(file);
  if (lock === null) return false;
  if (lock.state === 'lives') return true;
  const stats = statSync(file, { throwIfNoEntry: false });
  return stats !== undefined && Math.abs(Date.now() - stats.mtimeMs) < RENEWED_MS;
}

/**
 * What became of a job. One that calls itself running, and whose process is gone, was killed or broke down.
 *
 * @param queued what the launcher's queue says of it; undefined: nothing
 * @throws UsageError where its record is damaged
 */
export function stateOfJob(sweep: string, number: number, queued?: QueuedState): JobRecord {
  const record = readJobRecord(sweep, number);
  if (queued?.state === 'waiting') return { ...record, state: 'waiting', reason: queued.detail ?? null };
  if (record.state === 'running')
    return isRunning(sweep, number, queued) ? record : gone(sweep, number, record, queued);
  // handed to a queue, and not begun
  if (queued?.state === 'running') return { ...record, state: 'running', reason: null };
  if (queued?.state === 'ended' && record.state === 'waiting') {
    if (queued.cancelled === true)
      return { ...record, state: 'stopped', reason: 'It was taken out of the queue before it began.' };
    const reason = endedBy(queued) ?? 'It ended before osc began.';
    return { ...record, state: 'failed', reason };
  }
  return record;
}

function isRunning(sweep: string, number: number, queued: QueuedState | undefined): boolean {
  return queued?.state === 'running' || isLocked(jobFiles(sweep, number).lock);
}

/** A process that ends by itself gives its lock back; a lock that is left behind is of one that was killed. */
function gone(sweep: string, number: number, record: JobRecord, queued: QueuedState | undefined): JobRecord {
  const { lock, log } = jobFiles(sweep, number);
  const byQueue = queued === undefined ? undefined : endedBy(queued);
  if (existsSync(lock) || queued?.cancelled === true)
    return { ...record, state: 'stopped', reason: byQueue ?? 'Its process was killed.' };
  return { ...record, state: 'failed', reason: byQueue ?? lastLine(log) ?? 'Its process ended without a word.' };
}

function endedBy({ detail }: QueuedState): string | undefined {
  return detail === undefined ? undefined : `The queue says ${detail}.`;
}

const TAIL = 8192;

/** The last line of a log that says something; undefined where there is none. */
export function lastLine(log: string): string | undefined {
  return tailOf(log).findLast((line) => line.trim() !== '');
}

/** The last lines of a log, fit to be printed. */
export function tailOf(log: string, bytes = TAIL): string[] {
  if (statSync(log, { throwIfNoEntry: false })?.isFile() !== true) return [];
  const handle = openSync(log, 'r');
  try {
    const { size } = fstatSync(handle);
    const chunk = Buffer.alloc(Math.min(bytes, size));
    const read = readSync(handle, chunk, 0, chunk.length, size - chunk.length);
    const lines = chunk.subarray(0, read).toString().split('\n');
    const whole = size > bytes ? lines.slice(1) : lines;
    return whole.map((line) => shortenText(printable(line), 500));
  } finally {
    closeSync(handle);
  }
}
