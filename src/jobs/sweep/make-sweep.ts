/** The folder of a new sweep: its files, and the lock of who starts its jobs. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { jobFiles, makeSweepFolder, SWEEP_LOCK, writeJobs, writeSweepFile, type SweepRequest } from '../../launch';
import { explainDiskError } from '../../run';
import { UsageError } from '../../sdk';
import { LockedError, takeLock, type Lock } from '../../util/lock';
import type { PlannedJob } from './plan-jobs';

export interface OpenSweep {
  readonly folder: string;
  readonly lock: Lock;
}

/** @throws RunError where the folder cannot be written */
export async function makeSweep(
  path: string,
  { isGiven, request, jobs }: { isGiven: boolean; request: SweepRequest; jobs: readonly PlannedJob[] },
): Promise<OpenSweep> {
  try {
    const folder = makeSweepFolder(path, isGiven);
    const lock = await lockSweep(folder);
    writeConfigs(folder, jobs);
    await writeJobs(
      folder,
      jobs.map((job) => ({ ...job, attempts: 0, state: 'waiting' })),
    );
    await writeSweepFile(folder, request);
    return { folder, lock };
  } catch (error) {
    throw explainDiskError(error, path, ['--sweep-dir ANOTHER_FOLDER']);
  }
}

/** The configs of jobs as they are composed now: whatever becomes of config files, a job that waits is not changed by it. */
export function writeConfigs(sweep: string, jobs: readonly PlannedJob[]): void {
  for (const { number, yaml } of jobs) {
    const { config } = jobFiles(sweep, number);
    if (number === jobs[0]?.number) mkdirSync(dirname(config), { recursive: true });
    writeFileSync(config, yaml);
  }
}

/** One process starts the jobs of a sweep. @throws UsageError where another does */
export async function lockSweep(sweep: string): Promise<Lock> {
  try {
    return await takeLock(join(sweep, SWEEP_LOCK));
  } catch (error) {
    if (!(error instanceof LockedError)) throw explainDiskError(error, sweep, []);
    throw new UsageError(`The sweep in ${sweep} is being run by ${error.who}.`, undefined, [
      `osc sweep status ${sweep}`,
      `osc sweep stop ${sweep}`,
    ]);
  }
}
