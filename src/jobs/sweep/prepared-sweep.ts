/** A sweep whose jobs are known and checked: new, or one to go on with. What is left is to run it. */
import { join } from 'node:path';
import { jobFolder, type JobState, type SweepJob, type SweepRequest, type SweepSpace } from '../../launch';
import type { Launcher, Sweeper, Trial } from '../../sdk';
import { driveJobs, statusOf, type SweepWatch } from './drive';
import { writeConfigs, type OpenSweep } from './make-sweep';
import type { PlannedJob } from './plan-jobs';
import { launchedSweep, launchJob, SweepJobs, type JobView, type LaunchTerms } from './sweep-jobs';
import { metricsOfRun } from './trial-metrics';

export interface SweepOptions extends SweepWatch {
  /** Aborted: no further job is started; those that run here stop with a checkpoint. */
  readonly signal?: AbortSignal | undefined;
  /** Of jobs that are handed to a queue: resolves when they have ended. */
  readonly wait?: boolean | undefined;
  /** Called with the sweep folder before the first job starts. */
  readonly onOpen?: ((folder: string) => void) | undefined;
}

export interface SweepResult {
  readonly folder: string;
  readonly name: string;
  /** `submitted`: its jobs are in a queue, and not waited for. `failed`: at least one job has. */
  readonly status: 'finished' | 'stopped' | 'failed' | 'running' | 'submitted';
  readonly counts: Readonly<Record<JobState, number>>;
  readonly jobs: readonly SweepJobResult[];
}

export interface SweepJobResult {
  readonly number: number;
  readonly name: string;
  readonly overrides: readonly string[];
  /** The run directory. */
  readonly folder: string;
  readonly attempts: number;
  readonly state: JobState;
  /** Why it failed or stopped. */
  readonly reason: string | null;
}

export interface PreparedSweep {
  /** Where it will lie, or lies. */
  readonly folder: string;
  readonly request: SweepRequest;
  readonly views: readonly JobView[];
  /** Numbers of the jobs that will be started. */
  readonly todo: readonly number[];
  /**
   * @throws UsageError where another process runs it, and where its launcher cannot work as it is asked to
   * @throws RunError when the world fails; jobs that fail are a part of the result
   */
  start(options?: SweepOptions): Promise<SweepResult>;
}

/** What further jobs come from. */
export interface Search {
  readonly space: SweepSpace;
  readonly sweeper: Sweeper;
  plan(jobs: readonly SweepJob[]): Promise<PlannedJob[]>;
}

export interface SweepParts extends Omit<PreparedSweep, 'start'> {
  readonly launcher: Launcher;
  readonly terms: LaunchTerms;
  /** Makes the folder, or takes it as it is, and locks it. */
  open(): Promise<OpenSweep>;
  search(): Promise<Search>;
}

export function preparedSweep(parts: SweepParts): PreparedSweep {
  const { folder, request, views, todo } = parts;
  return {
    ...{ folder, request, views, todo },
    async start(options = {}) {
      await checkLauncher(parts);
      const opened = await parts.open();
      try {
        options.onOpen?.(opened.folder);
        return await runSweep(parts, opened.folder, options);
      } finally {
        opened.lock.release();
      }
    },
  };
}

/** Before there is a folder. What only looks at a sweep needs no launcher: the jobs of a cluster can be listed elsewhere. */
async function checkLauncher({ launcher, request, terms, folder, views, todo }: SweepParts): Promise<void> {
  const jobs = todo.map((number) => launchJob(folder, views[number]!.job));
  if (jobs.length > 0) await launcher.check?.(launchedSweep(folder, request, terms), jobs);
}

async function runSweep(
  { request, launcher, terms, views, todo, search }: SweepParts,
  folder: string,
  { signal = new AbortController().signal, wait = false, ...watch }: SweepOptions,
): Promise<SweepResult> {
  const jobs = new SweepJobs(folder, views);
  const launched = launchedSweep(folder, request, terms);
  const drive = { launched, launcher, jobs, signal, watch, wait };
  const stays = launcher.mode === 'attached' || wait;
  for (let next = todo; ;) {
    if (next.length > 0) await driveJobs(drive, next);
    if (!stays && next.length > 0) break;
    const { waiting, running } = jobs.counts();
    if (signal.aborted || waiting > 0 || running > 0) break;
    const { space, sweeper, plan } = await search();
    const proposals = await sweeper.propose(space.dimensions, trialsOf(jobs));
    if (proposals.length === 0) break;
    const before = jobs.all.map(({ job }) => job);
    const planned = await plan(space.jobs(proposals, before));
    writeConfigs(folder, planned);
    await jobs.add(planned.map((job) => ({ ...job, attempts: 0, state: 'waiting' })));
    next = planned.map(({ number }) => number);
  }
  await jobs.index(true);
  const counts = jobs.counts();
  const submitted = !stays && todo.length > 0;
  return {
    folder,
    name: request.name,
    status: submitted ? 'submitted' : statusOf(counts),
    counts,
    jobs: jobs.all.map((view) => resultOf(folder, view)),
  };
}

export function resultOf(sweep: string, { job, record }: JobView): SweepJobResult {
  const { number, name, overrides, attempts, state } = job;
  return { number, name, overrides, folder: join(sweep, jobFolder(number)), attempts, state, reason: record.reason };
}

function trialsOf(jobs: SweepJobs): Trial[] {
  return jobs.all.map(({ job: { number, values, state } }) => {
    if (state === 'waiting' || state === 'running') throw new Error(`Job ${number} of the sweep has not ended.`);
    return {
      ...{ number, values, state },
      metrics: () => metricsOfRun(join(jobs.sweep, jobFolder(number))),
    };
  });
}
