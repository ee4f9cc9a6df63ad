/** `osc runs prune`: removing checkpoints that nobody needs any more. */
import {
  explainDiskError,
  findRuns,
  lockRun,
  planPrune,
  readRunOverview,
  removeCheckpoints,
  type KeptCheckpoint,
  type PrunePlan,
  type RunOverview,
} from '../../run';
import { isReportedError, UsageError } from '../../sdk/errors';
import { labelsOf, type BrokenRun, type RunsInput } from './read-runs';

export const KEPT_CHECKPOINTS: readonly KeptCheckpoint[] = ['best', 'last'];

export interface PruneRunsInput extends RunsInput {
  /** Default: both. */
  readonly keep?: readonly KeptCheckpoint[] | undefined;
  /** Says what would go, and removes nothing. */
  readonly dryRun?: boolean | undefined;
  /** Asked before anything is removed; false: nothing is. Default: nobody is asked. */
  readonly confirm?: ((plan: PrunedRuns) => Promise<boolean>) | undefined;
}

export interface PrunedRun extends PrunePlan {
  readonly label: string;
  /** Absolute. */
  readonly folder: string;
  /** Why nothing of it goes: it is being trained. Null else. */
  readonly skipped: string | null;
}

export interface PrunedRuns {
  /** Those that have something to remove, or something to be said of. */
  readonly runs: readonly PrunedRun[];
  readonly checkpoints: number;
  readonly bytes: number;
  /** False of a dry run, and where the question was answered with no: nothing was removed. */
  readonly done: boolean;
  /** Runs that were looked at. */
  readonly lookedAt: number;
  /** Told and left alone. */
  readonly broken: readonly BrokenRun[];
}

/**
 * @throws UsageError for what is not there, and for nothing to keep
 * @throws RunError where a checkpoint cannot be removed
 */
export async function pruneRuns(input: PruneRunsInput = {}): Promise<PrunedRuns> {
  const { cwd = process.cwd(), runs: given = [], keep = KEPT_CHECKPOINTS, dryRun = false, confirm } = input;
  if (keep.length === 0) throw new UsageError('A run keeps at least one checkpoint.', undefined, ['--keep best,last']);
  const folders = findRuns(cwd, given, 'osc runs prune');
  const labels = labelsOf(folders);
  const planned: PrunedRun[] = [];
  const broken: BrokenRun[] = [];
  for (const [i, folder] of folders.entries()) {
    try {
      const run = await readRunOverview(folder, { metrics: 'ends' });
      planned.push({ label: labels[i]!, folder, ...(await planOf(run, keep)) });
    } catch (error) {
      if (!isReportedError(error)) throw error;
      broken.push({ folder, problem: error.message });
    }
  }
  const plan = summed(planned, { done: false, lookedAt: folders.length, broken });
  if (dryRun || plan.checkpoints === 0 || (confirm !== undefined && !(await confirm(plan)))) return plan;
  const done: PrunedRun[] = [];
  for (const run of planned) done.push(run.removed.length === 0 ? run : await pruneOne(run, keep));
  return summed(done, { done: true, lookedAt: folders.length, broken });
}

const BUSY = 'It is being trained.';

async function planOf(
  { folder, state }: RunOverview,
  keep: readonly KeptCheckpoint[],
): Promise<PrunePlan & Pick<PrunedRun, 'skipped'>> {
  if (state === 'running') return { kept: [], removed: [], remark: null, skipped: BUSY };
  return { ...(await planPrune(folder, keep, state === 'finished')), skipped: null };
}

/** With the run's lock, and planned anew: it may have been resumed since the question was asked. */
async function pruneOne(run: PrunedRun, keep: readonly KeptCheckpoint[]): Promise<PrunedRun> {
  const { folder } = run;
  let lock;
  try {
    lock = await lockRun(folder, () => undefined);
  } catch (error) {
    if (error instanceof UsageError) return { ...run, removed: [], remark: null, skipped: BUSY };
    throw explainDiskError(error, folder, []);
  }
  try {
    // the lock is this process's own: the state was read before
    const { state } = await readRunOverview(folder, { metrics: 'ends', lockedByUs: true });
    const plan = await planPrune(folder, keep, state === 'finished');
    await removeCheckpoints(plan);
    return { ...run, ...plan };
  } catch (error) {
    throw explainDiskError(error, folder, []);
  } finally {
    lock.release();
  }
}

function summed(runs: readonly PrunedRun[], more: Pick<PrunedRuns, 'done' | 'lookedAt' | 'broken'>): PrunedRuns {
  const removed = runs.flatMap((run) => run.removed);
  return {
    runs: runs.filter((run) => run.removed.length > 0 || run.skipped !== null || run.remark !== null),
    checkpoints: removed.length,
    bytes: removed.reduce((sum, { bytes }) => sum + bytes, 0),
    ...more,
  };
}
