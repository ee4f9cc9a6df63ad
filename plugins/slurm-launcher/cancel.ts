/** Taking jobs out of the queue, and telling those that run. */
import { askQueue, unreachable } from './commands';
import type { Entry } from './queue';
import { formatRanges } from './ranges';

/** Of elements that have ended meanwhile, or are elsewhere than they were. */
const TOO_LATE = /invalid job id|already completing or completed|job is pending execution|not running|no such process/i;

/** Takes those of the entries that wait out of the queue. @throws RunError where SLURM cannot be told */
export function cancelWaiting(entries: readonly Entry[]): Promise<void> {
  return scancel(['--state=PENDING'], entries);
}

/** Tells the scripts of running entries that the job is to stop and not to go back into the queue. @throws RunError */
export function signalRunning(entries: readonly Entry[]): Promise<void> {
  return scancel(['--signal=USR2', '--batch'], entries);
}

async function scancel(flags: readonly string[], entries: readonly Entry[]): Promise<void> {
  const byArray = new Map<string, number[]>();
  for (const entry of entries) {
    const [array, index] = entry.split('_') as [string, string];
    const indices = byArray.get(array);
    if (indices === undefined) byArray.set(array, [Number(index)]);
    else indices.push(Number(index));
  }
  for (const [array, indices] of byArray) {
    const answer = await askQueue('scancel', [...flags, `${array}_[${formatRanges(indices)}]`]);
    const bad = answer.stderr.split('\n').filter((line) => line.trim() !== '' && !TOO_LATE.test(line));
    if (answer.code !== 0 && bad.length > 0) throw unreachable('scancel', { ...answer, stderr: bad.join('\n') });
  }
}
