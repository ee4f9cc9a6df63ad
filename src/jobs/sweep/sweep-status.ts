/** `osc sweep status`: how the jobs of a sweep stand. */
import { join } from 'node:path';
import { isLocked, SWEEP_LOCK, writeJobs, type JobProgress, type JobState } from '../../launch';
import { statusOf } from './drive';
import { openSweep, type OpenedSweep, type SweepFolderInput } from './open-sweep';
import { resultOf, type SweepJobResult } from './prepared-sweep';

export interface SweepJobStatus extends SweepJobResult {
  readonly started: string | null;
  readonly ended: string | null;
  /** How far its training is; null where it has not begun. */
  readonly progress: JobProgress | null;
}

export interface SweepStatus {
  readonly folder: string;
  readonly name: string;
  readonly created: string;
  /** Name of its launcher. */
  readonly launcher: string;
  /** `failed`: at least one job has. `stopped`: some are not finished, and none runs. */
  readonly status: 'finished' | 'stopped' | 'failed' | 'running';
  readonly counts: Readonly<Record<JobState, number>>;
  readonly jobs: readonly SweepJobStatus[];
}

/**
 * Asks the jobs, and the queue of the launcher; what has become known goes into `jobs.jsonl`.
 *
 * @throws UsageError for a folder that is no sweep, damaged files, plugins that are not enabled
 * @throws RunError where the queue cannot be asked
 */
export async function sweepStatus(input: SweepFolderInput): Promise<SweepStatus> {
  const opened = await openSweep(input, 'osc sweep status');
  await refreshIndex(opened);
  return describeSweep(opened);
}

export function describeSweep({
  folder,
  request,
  views,
}: Pick<OpenedSweep, 'folder' | 'request' | 'views'>): SweepStatus {
  const counts: Record<JobState, number> = { waiting: 0, running: 0, finished: 0, stopped: 0, failed: 0 };
  for (const { job } of views) counts[job.state]++;
  return {
    folder,
    name: request.name,
    created: request.created,
    launcher: request.launcher.name,
    status: statusOf(counts),
    counts,
    jobs: views.map((view) => {
      const { started, ended, progress } = view.record;
      return { ...resultOf(folder, view), started, ended, progress };
    }),
  };
}

/** Whoever runs the sweep writes the index; and a folder that cannot be written can be looked at all the same. */
async function refreshIndex({ folder, views }: OpenedSweep): Promise<void> {
  if (isLocked(join(folder, SWEEP_LOCK))) return;
  try {
    await writeJobs(
      folder,
      views.map(({ job }) => job),
    );
  } catch {
    // the records of the jobs are the truth
  }
}
