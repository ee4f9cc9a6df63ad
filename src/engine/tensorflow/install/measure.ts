/** Progress of other programs, by what they have put on the disk. */
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Progress } from '../../../sdk/logger';
import type { Finished } from '../process';

const INTERVAL_MS = 250;

/** Bytes of the files in a folder; what comes or goes meanwhile may be missed. */
export function bytesIn(folder: string): number {
  let entries;
  try {
    entries = readdirSync(folder, { withFileTypes: true });
  } catch {
    return 0;
  }
  return entries.reduce((sum, entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return sum + bytesIn(path);
    try {
      return entry.isFile() ? sum + statSync(path).size : sum;
    } catch {
      return sum;
    }
  }, 0);
}

export interface Task {
  readonly label: string;
  readonly total: number;
  readonly unit: string;
  /** How much is done by now. */
  readonly measure: () => number;
  /** What is shown behind it. */
  readonly note?: () => string;
}

/** Shows how far a program is while it runs; it is done where it ends well. */
export async function watch(progress: Progress, task: Task, run: () => Promise<Finished>): Promise<Finished> {
  const { label, total, unit, measure, note } = task;
  progress.start(label, total, unit);
  const timer = setInterval(() => progress.update(Math.min(measure(), total), note?.()), INTERVAL_MS);
  try {
    const result = await run();
    if (result.code === 0) progress.update(total);
    return result;
  } finally {
    clearInterval(timer);
    progress.stop();
  }
}

export const MEGABYTE = 1e6;
