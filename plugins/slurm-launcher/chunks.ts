/** Which jobs go into which job array. */
import type { LaunchJob } from 'osc-trainer/sdk';
import { patternQuote } from './quote';

/** The jobs of one array: the index of job N in it is N - offset. */
export interface Chunk {
  readonly offset: number;
  readonly jobs: readonly LaunchJob[];
}

/**
 * One array where the cluster allows it, and then its indices are the jobs' numbers.
 *
 * @param arraySize indices of an array are below it
 */
export function chunkJobs(jobs: readonly LaunchJob[], arraySize: number): Chunk[] {
  if (jobs.length === 0) return [];
  if (jobs.every(({ number }) => number < arraySize)) return [{ offset: 0, jobs }];
  // a size that people can add in their heads: with SLURM's usual limit of 1001 job 2345 has the index 345
  const size = arraySize > 1000 ? Math.floor(arraySize / 1000) * 1000 : arraySize;
  const byOffset = new Map<number, LaunchJob[]>();
  for (const job of jobs) {
    const offset = Math.floor(job.number / size) * size;
    const chunk = byOffset.get(offset);
    if (chunk === undefined) byOffset.set(offset, [job]);
    else chunk.push(job);
  }
  return Array.from(byOffset, ([offset, some]) => ({ offset, jobs: some })).sort((a, b) => a.offset - b.offset);
}

/**
 * The logs of a chunk's jobs as one of SLURM's patterns: `…/jobs/%3a.log` for `…/jobs/007.log`. So SLURM's own last words about a
 * job (time is up, out of memory) come into its log. Undefined where no pattern fits.
 */
export function logPattern({ offset, jobs }: Chunk): string | undefined {
  const first = jobs[0];
  if (first === undefined) return undefined;
  const folderEnd = first.log.lastIndexOf('/') + 1;
  for (let digits = 6; digits >= 1; digits--) {
    const padded = pad(first.number - offset, digits);
    const at = first.log.lastIndexOf(padded);
    if (at < folderEnd) continue;
    const [before, after] = [first.log.slice(0, at), first.log.slice(at + padded.length)];
    if (!jobs.every(({ number, log }) => log === before + pad(number - offset, digits) + after)) continue;
    const [head, tail] = [patternQuote(before), patternQuote(after)];
    return head === undefined || tail === undefined ? undefined : `${head}%${digits}a${tail}`;
  }
  return undefined;
}

function pad(index: number, digits: number): string {
  return String(index).padStart(digits, '0');
}
