/** `osc sweep stop`: asks jobs to stop with a checkpoint. */
import { hostname } from 'node:os';
import { join } from 'node:path';
import { isLocked, jobFiles, stateOfJob, SWEEP_LOCK } from '../../launch';
import { RunError, UsageError, type DetachedLauncher } from '../../sdk';
import { lookAtLock } from '../../util/lock-file';
import { openSweep, type OpenedSweep, type SweepFolderInput } from './open-sweep';
import { describeSweep, type SweepStatus } from './sweep-status';
import { launchJob, type JobView } from './sweep-jobs';

export interface StopSweepInput extends SweepFolderInput {
  /** Jobs to stop; none: all of them, and no further one is started. */
  readonly jobs?: readonly number[] | undefined;
  /** Aborted: the jobs are not waited for any longer. */
  readonly signal?: AbortSignal | undefined;
}

/** Milliseconds between two looks at whether all have stopped. */
const LOOK_MS = 300;

/**
 * Resolves when they have ended, of a queue when it was told. Jobs that neither run nor wait are left as they are.
 *
 * @throws UsageError where they run on another machine, and as {@link openSweep}
 * @throws RunError where the queue cannot be told
 */
export async function stopSweep(input: StopSweepInput): Promise<SweepStatus> {
  const opened = await openSweep(input, 'osc sweep stop');
  const { launcher, views } = opened;
  const wanted = chosen(opened, input.jobs);
  if (launcher.mode === 'detached') return stopQueued(opened, launcher, wanted);
  // one that is asked twice stops at once, without its checkpoint: jobs are asked by who runs the sweep, where somebody does
  if (input.jobs === undefined && terminate(join(opened.folder, SWEEP_LOCK))) {
    await until(() => !isLocked(join(opened.folder, SWEEP_LOCK)), input.signal);
  } else {
    const told = wanted.filter(({ job: { number } }) => terminate(jobFiles(opened.folder, number).lock));
    await until(
      () => told.every(({ job: { number } }) => !isLocked(jobFiles(opened.folder, number).lock)),
      input.signal,
    );
  }
  return describeSweep({ ...opened, views: views.map((view) => lookAgain(opened.folder, view)) });
}

function chosen({ folder, views }: OpenedSweep, numbers: readonly number[] | undefined): readonly JobView[] {
  const open = ({ job: { state } }: JobView): boolean => state === 'running' || state === 'waiting';
  if (numbers === undefined) return views.filter(open);
  return numbers.map((number) => {
    const view = views[number];
    if (view === undefined)
      throw new UsageError(`The sweep ${folder} has no job ${number}.`, `Its jobs are 0 to ${views.length - 1}.`);
    if (!open(view)) throw new UsageError(`Job ${number} of the sweep does not run: it is ${view.job.state}.`);
    return view;
  });
}

async function stopQueued(
  opened: OpenedSweep,
  launcher: DetachedLauncher,
  wanted: readonly JobView[],
): Promise<SweepStatus> {
  const { folder, launched, queued } = opened;
  const inQueue = wanted.filter(({ job: { number } }) => (queued.get(number)?.state ?? 'ended') !== 'ended');
  if (inQueue.length > 0) {
    await launcher.stop(
      launched,
      inQueue.map(({ job }) => launchJob(folder, job)),
    );
  }
  const all = opened.views.map(({ job }) => launchJob(folder, job));
  const after = inQueue.length > 0 ? await launcher.states(launched, all) : queued;
  return describeSweep({
    ...opened,
    views: opened.views.map((view) => lookAgain(folder, view, after.get(view.job.number))),
  });
}

function lookAgain(folder: string, { job }: JobView, queued?: Parameters<typeof stateOfJob>[2]): JobView {
  const record = stateOfJob(folder, job.number, queued);
  return { job: { ...job, state: record.state, attempts: record.attempts }, record };
}

/** @returns false where nobody holds the lock */
function terminate(lock: string): boolean {
  if (!isLocked(lock)) return false;
  const { holder, state } = lookAtLock(lock) ?? {};
  if (holder === undefined) return false;
  // a folder from elsewhere could name any process: of one that lives it is known that it has made the lock
  if (state !== 'lives') {
    const here = holder.host === hostname();
    throw new UsageError(
      `Process ${holder.pid} on ${holder.host} has to be stopped by hand.`,
      here ? `Whether it is the one that holds ${lock} cannot be told.` : 'It runs on another machine.',
      [`${here ? '' : `ssh ${holder.host} `}kill ${holder.pid}`],
    );
  }
  try {
    process.kill(holder.pid, 'SIGTERM');
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
    throw new RunError(`Process ${holder.pid} cannot be stopped.`, (error as Error).message, [], { cause: error });
  }
}

async function until(isDone: () => boolean, signal: AbortSignal | undefined): Promise<void> {
  while (!isDone() && signal?.aborted !== true) await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
}
