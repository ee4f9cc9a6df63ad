/** The jobs of a sweep while it is worked on: their states as they become known, and the index that shows them. */
import { join } from 'node:path';
import {
  jobFiles,
  launcherFolder,
  NEW_RECORD,
  readJobRecord,
  writeJobRecord,
  writeJobs,
  type JobRecord,
  type JobState,
  type ListedJob,
  type SweepRequest,
} from '../../launch';
import { defaultThreads } from '../../engine';
import { explainDiskError } from '../../run';
import { endOfJob, type LaunchedSweep, type LaunchJob } from '../../sdk';
import { ownPackage } from '../../util/own-package';

/** A job, and what became of it. */
export interface JobView {
  readonly job: ListedJob;
  readonly record: JobRecord;
}

/** Milliseconds between two writes of the index. */
const INDEX_MS = 1000;

export class SweepJobs {
  readonly #views: JobView[];
  #indexing: Promise<void> = Promise.resolve();
  #indexedAt = -Infinity;
  /** As it begins too: who ran the sweep before may have been killed between a job's end and the index. */
  #isStale = true;

  constructor(
    readonly sweep: string,
    views: readonly JobView[],
  ) {
    this.#views = [...views];
  }

  get all(): readonly JobView[] {
    return this.#views;
  }

  at(number: number): JobView {
    return this.#views[number]!;
  }

  /** The index has them before they can be started: their processes read it. */
  async add(jobs: readonly ListedJob[]): Promise<void> {
    this.#views.push(...jobs.map((job) => ({ job, record: NEW_RECORD })));
    this.#isStale = true;
    await this.index(true);
  }

  set(number: number, record: JobRecord): JobView {
    const { job } = this.at(number);
    const changed = record.state !== job.state || record.attempts !== job.attempts;
    const view = { job: { ...job, state: record.state, attempts: record.attempts }, record };
    this.#views[number] = view;
    if (changed) this.#isStale = true;
    return view;
  }

  /** Looks at the record of a job whose process runs. */
  look(number: number): JobView {
    return this.set(number, { ...readJobRecord(this.sweep, number), state: 'running' });
  }

  /** Notes that the process of a job has ended, also where it could not say so itself. */
  end(number: number, code: number | null, why: string | undefined): JobView {
    const own = readJobRecord(this.sweep, number);
    if (own.state !== 'running' && own.state !== 'waiting') return this.set(number, own);
    const state = endOfJob(code);
    const reason = state === 'finished' ? null : (why ?? `Its process ended with exit code ${code}.`);
    const record: JobRecord = { ...own, state, reason, ended: new Date().toISOString() };
    writeJobRecord(this.sweep, number, record);
    return this.set(number, record);
  }

  counts(): Record<JobState, number> {
    const counts = { waiting: 0, running: 0, finished: 0, stopped: 0, failed: 0 };
    for (const { job } of this.#views) counts[job.state]++;
    return counts;
  }

  /** Writes the index where something has changed; not more than once a second unless `now`. */
  async index(now = false): Promise<void> {
    if (!this.#isStale || (!now && performance.now() - this.#indexedAt < INDEX_MS)) return;
    this.#isStale = false;
    this.#indexedAt = performance.now();
    const jobs = this.#views.map(({ job }) => job);
    this.#indexing = this.#indexing.then(() => writeJobs(this.sweep, jobs));
    try {
      await this.#indexing;
    } catch (error) {
      throw explainDiskError(error, this.sweep, []);
    }
  }
}

/** What launchers are told of a job. */
export function launchJob(sweep: string, { number, name }: Pick<ListedJob, 'number' | 'name'>): LaunchJob {
  return { number, name, log: jobFiles(sweep, number).log };
}

export interface LaunchTerms {
  /** The most threads that a job asks for; null: one at least asks for all. */
  readonly threads: number | null;
  /** Plugins that only the sweep names may be loaded by its jobs. */
  readonly trustPlugins: boolean;
}

/** What launchers are told of a sweep. */
export function launchedSweep(
  sweep: string,
  { name, cwd }: Pick<SweepRequest, 'name' | 'cwd'>,
  { threads, trustPlugins }: LaunchTerms,
): LaunchedSweep {
  const bin = join(ownPackage().file, '../dist/cli/bin.js');
  const trust = trustPlugins ? ['--trust-plugins'] : [];
  const command = [process.execPath, bin, 'sweep', 'job', ...trust, sweep];
  return { name, folder: sweep, files: launcherFolder(sweep), command, cwd, threads, cores: defaultThreads() };
}
