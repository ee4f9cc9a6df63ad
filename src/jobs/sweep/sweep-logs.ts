/** `osc sweep logs`: what the jobs of a sweep have printed. */
import { createReadStream, existsSync, statSync } from 'node:fs';
import { findSweep, jobFiles, readJobs, tailOf } from '../../launch';
import { UsageError } from '../../sdk';
import type { FolderInput } from '../input';

export interface SweepLogsInput extends FolderInput {
  /** The sweep folder, its name, or `latest`. */
  readonly sweep: string;
  /** Numbers of jobs; none: all that have printed something. */
  readonly jobs?: readonly number[] | undefined;
  /** The last so many lines of each. */
  readonly lines: number;
}

export interface SweepLog {
  readonly number: number;
  readonly name: string;
  readonly file: string;
  /** Fit to be printed. */
  readonly lines: readonly string[];
}

/** Bytes of a log that are looked at: 10 000 long lines. */
const MAX_TAIL = 2 ** 21;

/** Runs no code of the sweep. @throws UsageError for a folder that is no sweep, and for a job that it does not have */
export function sweepLogs({ cwd = process.cwd(), sweep, jobs: wanted, lines }: SweepLogsInput): SweepLog[] {
  const folder = findSweep(cwd, sweep, 'osc sweep logs');
  const jobs = readJobs(folder);
  const chosen = wanted?.map((number) => {
    const job = jobs[number];
    if (job !== undefined) return job;
    throw new UsageError(`The sweep ${folder} has no job ${number}.`, `Its jobs are 0 to ${jobs.length - 1}.`);
  });
  const logs = (chosen ?? jobs).map(({ number, name }) => ({ number, name, file: jobFiles(folder, number).log }));
  return logs
    .filter(({ file }) => chosen !== undefined || existsSync(file))
    .map((log) => ({ ...log, lines: lastLines(log.file, lines) }));
}

function lastLines(file: string, count: number): string[] {
  const lines = tailOf(file, MAX_TAIL);
  if (lines.at(-1) === '') lines.pop();
  return lines.slice(-count);
}

/** What is added to a log from now on, until the signal. */
export async function followLog(file: string, onText: (text: string) => void, signal: AbortSignal): Promise<void> {
  let position = sizeOf(file);
  while (!signal.aborted) {
    const size = sizeOf(file);
    if (size > position) {
      for await (const chunk of createReadStream(file, { start: position, end: size - 1, encoding: 'utf8' }))
        onText(String(chunk));
    }
    position = size;
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
}

function sizeOf(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.size ?? 0;
}
