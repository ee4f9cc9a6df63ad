/** Handing the jobs of a sweep to its launcher, and watching over them. */
import { stateOfJob, type JobState, type ListedJob } from '../../launch';
import type { AttachedLauncher, DetachedLauncher, LaunchedSweep, Launcher, QueuedState } from '../../sdk';
import { launchJob, type JobView, type SweepJobs } from './sweep-jobs';

/** Who hears how a sweep goes on. */
export interface SweepWatch {
  readonly onStart?: ((job: ListedJob) => void) | undefined;
  /** It has finished, stopped or failed. */
  readonly onEnd?: ((view: JobView) => void) | undefined;
  /** About once a second, with all jobs. */
  readonly onLook?: ((views: readonly JobView[]) => void) | undefined;
  /** A line for people. */
  readonly onNote?: ((line: string) => void) | undefined;
}

export interface Drive {
  readonly launched: LaunchedSweep;
  readonly launcher: Launcher;
  readonly jobs: SweepJobs;
  readonly signal: AbortSignal;
  readonly watch: SweepWatch;
  /** Of jobs in a queue: stay until they have ended. */
  readonly wait: boolean;
}

/** Milliseconds between two looks at jobs of this machine, and at those in a queue. */
const LOOK_MS = 1000;
const ASK_MS = 3000;

/**
 * Starts the jobs of these numbers. Attached ones have ended or will not be started when it resolves; others are in a queue, or
 * have ended too where they are waited for.
 */
export async function driveJobs(drive: Drive, numbers: readonly number[]): Promise<void> {
  const { launcher } = drive;
  if (launcher.mode === 'attached') await runAttached(drive, launcher, numbers);
  else await submit(drive, launcher, numbers);
  await drive.jobs.index(true);
}

async function runAttached(
  { launched, jobs, signal, watch }: Drive,
  launcher: AttachedLauncher,
  numbers: readonly number[],
): Promise<void> {
  const running = new Set<number>();
  const look = async (): Promise<void> => {
    for (const number of running) jobs.look(number);
    watch.onLook?.(jobs.all);
    await jobs.index();
  };
  let failure: { readonly error: unknown } | undefined;
  const timer = setInterval(() => {
    look().catch((error: unknown) => {
      failure ??= { error };
    });
  }, LOOK_MS);
  try {
    const todo = numbers.map((number) => launchJob(jobs.sweep, jobs.at(number).job));
    await launcher.run(launched, todo, {
      signal,
      onStart(number) {
        running.add(number);
        watch.onStart?.(jobs.look(number).job);
      },
      onEnd(number, code, why) {
        running.delete(number);
        watch.onEnd?.(jobs.end(number, code, why));
      },
    });
  } finally {
    clearInterval(timer);
  }
  await look();
  if (failure !== undefined) throw failure.error;
}

async function submit(drive: Drive, launcher: DetachedLauncher, numbers: readonly number[]): Promise<void> {
  const { launched, jobs, watch } = drive;
  const todo = numbers.map((number) => launchJob(jobs.sweep, jobs.at(number).job));
  for (const line of await launcher.submit(launched, todo)) watch.onNote?.(line);
  if (drive.wait) await waitFor(drive, launcher, numbers);
}

async function waitFor(drive: Drive, launcher: DetachedLauncher, numbers: readonly number[]): Promise<void> {
  const { jobs, signal, watch } = drive;
  const open = new Set(numbers);
  const begun = new Set<number>();
  while (open.size > 0 && !signal.aborted) {
    await pause(ASK_MS, signal);
    const states = await askQueue(drive, launcher);
    for (const number of open) {
      const view = jobs.set(number, stateOfJob(jobs.sweep, number, states.get(number)));
      const { state } = view.job;
      if (state === 'running' && !begun.has(number)) watch.onStart?.(view.job);
      if (state === 'running') begun.add(number);
      // one that its queue still has is about to be started again
      if (state === 'waiting' || state === 'running' || isQueued(states.get(number))) continue;
      open.delete(number);
      watch.onEnd?.(view);
    }
    watch.onLook?.(jobs.all);
    await jobs.index();
  }
  if (open.size > 0) watch.onNote?.('The jobs go on without this process: `osc sweep stop` stops them.');
}

function isQueued(queued: QueuedState | undefined): boolean {
  return queued !== undefined && queued.state !== 'ended';
}

async function askQueue(
  { launched, jobs }: Drive,
  launcher: DetachedLauncher,
): Promise<ReadonlyMap<number, QueuedState>> {
  return launcher.states(
    launched,
    jobs.all.map(({ job }) => launchJob(jobs.sweep, job)),
  );
}

async function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  await new Promise<void>((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, milliseconds);
    signal.addEventListener('abort', done, { once: true });
  });
}

/** How a sweep stands: a failed job counts more than one that was stopped. */
export function statusOf(counts: Readonly<Record<JobState, number>>): 'finished' | 'stopped' | 'failed' | 'running' {
  if (counts.failed > 0) return 'failed';
  if (counts.running > 0) return 'running';
  return counts.stopped > 0 || counts.waiting > 0 ? 'stopped' : 'finished';
}
