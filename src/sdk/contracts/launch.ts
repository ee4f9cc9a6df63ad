/** Contract of a launcher: what runs the jobs of a sweep, here or elsewhere. */

/** One run of a sweep. */
export interface LaunchJob {
  /** From 0, in the order of the sweep. */
  readonly number: number;
  /** What differs from the other jobs, for people: `embed_dim=64,num_iters=1`. */
  readonly name: string;
  /** File that all it prints is appended to, absolute. Its folder is there. */
  readonly log: string;
}

/** What the jobs of a sweep have in common. */
export interface LaunchedSweep {
  readonly name: string;
  /** The sweep folder, absolute. */
  readonly folder: string;
  /** A folder for files of the launcher's own (scripts, ids of the queue), absolute. It is there. */
  readonly files: string;
  /**
   * A program and its arguments; behind them goes the number of the job. It needs no shell. Run again, it goes on from the newest
   * checkpoint of the job, and a job that is finished ends at once, with 0. What its exit code means says {@link endOfJob}.
   *
   * The first SIGTERM, SIGINT or SIGUSR1 asks it to stop: it finishes the step, writes a checkpoint and ends with 75.
   */
  readonly command: readonly string[];
  /** Working directory of the jobs, absolute. */
  readonly cwd: string;
  /** The most threads that a job asks for by `engine.threads`; null: one at least asks for all there are. */
  readonly threads: number | null;
  /** Threads that the machine of this process runs at once. */
  readonly cores: number;
}

export { THREADS_VARIABLE } from '../../util/threads-variable';

/** How a job's process ended. */
export type JobEnd = 'finished' | 'stopped' | 'failed';

/** Exit code of a job that was asked to stop, and can go on from a checkpoint. */
const STOPPED = 75;

/** @param code exit code of a job's process; null where a signal ended it */
export function endOfJob(code: number | null): JobEnd {
  return code === 0 ? 'finished' : code === STOPPED ? 'stopped' : 'failed';
}

/** What an {@link AttachedLauncher} tells of its jobs. */
export interface JobWatch {
  /** Aborted: no further job is started, those that run are asked to stop. */
  readonly signal: AbortSignal;
  onStart(number: number): void;
  /**
   * @param code exit code of its process; null where a signal ended it
   * @param why what the launcher knows of a bad end, as a whole sentence: `It was ended by SIGKILL.`
   */
  onEnd(number: number, code: number | null, why?: string): void;
}

/**
 * Its jobs live as long as the process that starts them; when that one ends they stop with a checkpoint (a job whose IPC channel
 * closes does so by itself).
 */
export interface AttachedLauncher {
  readonly mode: 'attached';
  /** Before anything is written or started. @throws UsageError for options that cannot work here */
  check?(sweep: LaunchedSweep, jobs: readonly LaunchJob[]): Promise<void>;
  /** Runs the jobs; resolves when each has ended or will not be started. */
  run(sweep: LaunchedSweep, jobs: readonly LaunchJob[], watch: JobWatch): Promise<void>;
}

/** What a queue says of a job. */
export interface QueuedState {
  /** `ended`: it is in the queue no more, however that came. */
  readonly state: 'waiting' | 'running' | 'ended';
  /** For people: why it waits, or how it ended: `Resources`, `OUT_OF_MEMORY`. */
  readonly detail?: string;
  /** It ended since somebody stopped it or took it out of the queue, which is no failure. */
  readonly cancelled?: boolean;
}

/** Hands its jobs to a queue, which runs them without osc. */
export interface DetachedLauncher {
  readonly mode: 'detached';
  /** Before anything is written or started. @throws UsageError for options and surroundings that cannot work */
  check?(sweep: LaunchedSweep, jobs: readonly LaunchJob[]): Promise<void>;
  /**
   * Hands the jobs over, and resolves when the queue has them. Called again with some of the jobs when a sweep is resumed.
   *
   * @returns lines for people: the ids that the queue gave
   * @throws RunError where the queue takes none; UsageError where what it says can be mended
   */
  submit(sweep: LaunchedSweep, jobs: readonly LaunchJob[]): Promise<readonly string[]>;
  /**
   * What the queue says of jobs that were submitted, by number; a job that is not in it is one that was never submitted.
   *
   * @throws RunError where the queue cannot be asked
   */
  states(sweep: LaunchedSweep, jobs: readonly LaunchJob[]): Promise<ReadonlyMap<number, QueuedState>>;
  /** Asks jobs to stop: those that run write a checkpoint first. @throws RunError where the queue cannot be told */
  stop(sweep: LaunchedSweep, jobs: readonly LaunchJob[]): Promise<void>;
}

/** Kind `launcher`. Its constructor may ask for `OPTIONS` and `LOGGER`. */
export type Launcher = AttachedLauncher | DetachedLauncher;
