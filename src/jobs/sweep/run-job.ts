/** `osc sweep job`: one job of a sweep, in a process of its own. Run again it goes on where it was. */
import { existsSync, rmSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { printConfig, readSavedConfig } from '../../config';
import {
  jobFiles,
  jobFolder,
  NEW_RECORD,
  readJobRecord,
  readJobs,
  readSweepFile,
  writeJobRecord,
  type JobRecord,
  type SweepRequest,
} from '../../launch';
import { CHECKPOINTS, CONFIG_FILE, explainDiskError, listCheckpoints, openTrainedModel } from '../../run';
import { UsageError } from '../../sdk';
import { LockedError, takeLock, type Lock } from '../../util/lock';
import { messageOf } from '../../util/thrown';
import type { Reporting } from '../input';
import { openRunRegistry } from '../run-registry';
import { preparedFrom, prepareTraining, type PreparedTraining } from '../train/prepare-training';
import { jobProgress } from './job-progress';

export interface RunSweepJobInput extends Pick<Reporting, 'onLog'> {
  /** The sweep folder. */
  readonly sweep: string;
  readonly number: number;
  /** Plugins that only the sweep names may be loaded. */
  readonly trustPlugins?: boolean | undefined;
  /** Aborted: it stops with a checkpoint. */
  readonly signal: AbortSignal;
  /** Called where {@link signal} comes before training has begun: all is noted, and the process can end. */
  readonly onLeave: () => void;
  readonly command: readonly string[];
}

/** Milliseconds between two looks at whether another process has ended. */
const POLL_MS = 500;
/** Milliseconds between two notes of how far the job is. */
const NOTE_MS = 3000;

/**
 * Trains the job's run, or goes on with it; of one that is finished nothing is done.
 *
 * @throws UsageError where there is no such job, and as training
 * @throws RunError as training
 */
export async function runSweepJob(input: RunSweepJobInput): Promise<'finished' | 'stopped'> {
  const { sweep, number, signal, onLeave } = input;
  const request = readSweepFile(sweep);
  const job = readJobs(sweep)[number];
  if (job === undefined) throw new UsageError(`The sweep ${sweep} has no job ${number}.`);
  const lock = await lockJob(input);
  const before = readJobRecord(sweep, number);
  if (before.state === 'finished') {
    lock.release();
    input.onLog?.(`Job ${number} is finished.`);
    return 'finished';
  }
  const notes = new JobNotes(sweep, number, before);
  let training = false;
  const leave = (): void => {
    if (training) return;
    notes.end('stopped', 'It was stopped before training began.');
    lock.release();
    onLeave();
  };
  signal.addEventListener('abort', leave, { once: true });
  try {
    if (signal.aborted) leave();
    const runDir = join(sweep, jobFolder(number));
    const { prepared, resumes } = await prepareJob(input, request, { runDir, overrides: job.overrides });
    const { status } = await prepared.train({
      ...(resumes ? {} : { runDir }),
      onLog: input.onLog,
      signal,
      command: input.command,
      progress: jobProgress((progress) => {
        notes.progress(progress);
      }),
      onStart: () => {
        training = true;
      },
    });
    notes.end(status, status === 'stopped' ? 'It was asked to stop.' : null);
    return status;
  } catch (error) {
    notes.end(signal.aborted ? 'stopped' : 'failed', messageOf(error));
    throw error;
  } finally {
    signal.removeEventListener('abort', leave);
    lock.release();
  }
}

/** Keeps the record of a job that runs. */
class JobNotes {
  #record: JobRecord;
  #notedAt = 0;

  constructor(
    private readonly sweep: string,
    private readonly number: number,
    { attempts, progress }: JobRecord,
  ) {
    const started = new Date().toISOString();
    const { pid } = process;
    this.#record = {
      ...NEW_RECORD,
      state: 'running',
      attempts: attempts + 1,
      started,
      host: hostname(),
      pid,
      progress,
    };
    this.#write();
  }

  progress(progress: JobRecord['progress']): void {
    this.#record = { ...this.#record, progress };
    const now = performance.now();
    if (now - this.#notedAt < NOTE_MS) return;
    this.#notedAt = now;
    try {
      this.#write();
    } catch {
      // only looked at: where the disk is full the run itself says so
    }
  }

  end(state: 'finished' | 'stopped' | 'failed', reason: string | null): void {
    this.#record = { ...this.#record, state, reason, ended: new Date().toISOString() };
    this.#write();
  }

  #write(): void {
    try {
      writeJobRecord(this.sweep, this.number, this.#record);
    } catch (error) {
      throw explainDiskError(error, jobFiles(this.sweep, this.number).record, []);
    }
  }
}

/** Waits for another process of this job, which is about to stop: its sweep was killed, or its node is given up. */
async function lockJob({ sweep, number, signal, onLog }: RunSweepJobInput): Promise<Lock> {
  const file = jobFiles(sweep, number).lock;
  for (let told = false; ; told = true) {
    try {
      return await takeLock(file);
    } catch (error) {
      if (!(error instanceof LockedError)) throw explainDiskError(error, file, []);
      if (signal.aborted)
        throw new UsageError(`Job ${number} is run by ${error.who}.`, undefined, [], { cause: error });
      if (!told) onLog?.(`Job ${number} is still run by ${error.who}: waiting until it has ended.`);
    }
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

async function prepareJob(
  { sweep, number, trustPlugins }: RunSweepJobInput,
  { cwd, packages, init_from: from }: SweepRequest,
  { runDir, overrides }: { readonly runDir: string; readonly overrides: readonly string[] },
): Promise<{ prepared: PreparedTraining; resumes: boolean }> {
  if (await canGoOn(runDir))
    return { prepared: await prepareTraining({ cwd, resume: runDir, trustPlugins }), resumes: true };
  // of a run without a checkpoint there is nothing to keep: what it said is in the log of the job
  rmSync(runDir, { recursive: true, force: true });
  const registry = await openRunRegistry({ run: sweep, plugins: packages, cwd, trustPlugins });
  const { values: config } = await readSavedConfig(jobFiles(sweep, number).config, registry, []);
  const initFrom = from === null ? undefined : await openTrainedModel(cwd, from, 'osc train --multirun --init-from');
  return {
    prepared: preparedFrom({ config, registry, overrides, initFrom, yaml: printConfig(config) }, cwd),
    resumes: false,
  };
}

/** Also a run that is finished, of which the record was lost. */
async function canGoOn(runDir: string): Promise<boolean> {
  if (!existsSync(join(runDir, CONFIG_FILE))) return false;
  return (await listCheckpoints(join(runDir, CHECKPOINTS))).length > 0;
}
