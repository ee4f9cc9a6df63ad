import { existsSync, mkdirSync, readdirSync, realpathSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import {
  component,
  inject,
  LOGGER,
  OPTIONS,
  RunError,
  type DetachedLauncher,
  type LaunchedSweep,
  type LaunchJob,
  type Logger,
  type QueuedState,
} from 'osc-trainer/sdk';
import { chunkJobs, type Chunk } from './chunks';
import { checkOptions, sbatchOptions } from './header';
import { slurmOptions, type SlurmOptions } from './options';
import {
  arrayLimit,
  CANCELLED,
  listAccounted,
  listArrays,
  meaningOf,
  scriptsOfArrays,
  type Entry,
  type Listed,
  type Listing,
} from './queue';
import { missingForUse, ProgramMissing } from './commands';
import { formatRanges } from './ranges';
import { recoveredSubmissions, submitChunk, testChunk } from './submit';
import { makeScript, STOPPED_FOLDER } from './script';
import { cancelWaiting, signalRunning } from './cancel';

@component({
  kind: 'launcher',
  name: 'slurm',
  summary: 'Hands the jobs of a sweep to SLURM as a job array; they requeue themselves when time is up',
  options: slurmOptions,
})
export class SlurmLauncher implements DetachedLauncher {
  readonly mode = 'detached';

  constructor(
    @inject(OPTIONS) private readonly options: SlurmOptions,
    @inject(LOGGER) private readonly logger: Logger,
  ) {}

  async check(sweep: LaunchedSweep, jobs: readonly LaunchJob[]): Promise<void> {
    checkOptions(sweep, jobs, this.options);
    const local = /^\/(tmp|dev\/shm|var\/tmp)\//.exec(sweep.folder)?.[1];
    if (local !== undefined) {
      this.logger.warn(
        `The sweep folder is in /${local}, which on most clusters each machine has for itself: the jobs would not find it.`,
      );
    }
    const [chunk] = await this.#chunks(jobs);
    if (chunk === undefined) return;
    const header = sbatchOptions(sweep, chunk, this.options);
    await testChunk(header, makeScript(sweep, chunk, this.options, header), this.logger);
  }

  async submit(sweep: LaunchedSweep, jobs: readonly LaunchJob[]): Promise<readonly string[]> {
    const chunks = await this.#chunks(jobs);
    const limited = jobs.length > this.options.array_parallelism;
    const lines: string[] = [];
    let previous: string | undefined;
    for (const chunk of chunks) {
      // each array has a limit of its own: one after the other, the sweep keeps to it
      const header = sbatchOptions(sweep, chunk, this.options, limited ? previous : undefined);
      const id = await submitChunk(sweep, chunk, header, makeScript(sweep, chunk, this.options, header), lines);
      const numbers = formatRanges(chunk.jobs.map(({ number }) => number));
      const indices = formatRanges(chunk.jobs.map(({ number }) => number - chunk.offset));
      lines.push(`SLURM has ${chunk.jobs.length === 1 ? 'job' : 'jobs'} ${numbers} as ${id}_[${indices}].`);
      previous = id;
    }
    return lines;
  }

  async states(sweep: LaunchedSweep, jobs: readonly LaunchJob[]): Promise<ReadonlyMap<number, QueuedState>> {
    const wanted = new Set(jobs.map(({ number }) => number));
    const entries = await this.#entries(sweep, wanted);
    const known = await listArrays(arraysOf(entries.values()));
    const missing = Array.from(entries.values(), (own) => own.filter((entry) => !known.entries.has(entry)).slice(-1));
    const accounted = await listAccounted(arraysOf(missing));
    // long after, SLURM itself no longer knows
    const stopped = stoppedEntries(sweep);
    return new Map(
      Array.from(entries, ([number, own]) => {
        const state = stateOf(own, known, accounted);
        const newest = own.at(-1);
        const cancelled = state.state === 'ended' && newest !== undefined && stopped.has(newest);
        return [number, cancelled ? { ...state, cancelled } : state];
      }),
    );
  }

  async stop(sweep: LaunchedSweep, jobs: readonly LaunchJob[]): Promise<void> {
    const wanted = new Set(jobs.map(({ number }) => number));
    const entries = Array.from((await this.#entries(sweep, wanted)).values()).flat();
    const alive = ({ entries: known }: Listing): Entry[] =>
      entries.filter((entry) => {
        const listed = known.get(entry);
        return listed !== undefined && meaningOf(listed).state !== 'ended';
      });
    const arrays = arraysOf([entries]);
    const before = alive(await listArrays(arrays));
    if (before.length === 0) return;
    await refuseForeign(sweep, arraysOf([before]));
    noteStopped(sweep, before);
    await cancelWaiting(before);
    const { entries: known } = await listArrays(arrays);
    await signalRunning(before.filter((entry) => ['RUNNING', 'SUSPENDED'].includes(known.get(entry)?.state ?? '')));
  }

  /** The entries of the queue that were made for jobs, oldest first. */
  async #entries(sweep: LaunchedSweep, wanted: ReadonlySet<number>): Promise<Map<number, Entry[]>> {
    const found = new Map<number, Entry[]>();
    for (const { id, offset, numbers } of await recoveredSubmissions(sweep.files, wanted)) {
      for (const number of numbers) {
        if (!wanted.has(number)) continue;
        found.set(number, [...(found.get(number) ?? []), `${id}_${number - offset}`]);
      }
    }
    return found;
  }

  async #chunks(jobs: readonly LaunchJob[]): Promise<Chunk[]> {
    try {
      return chunkJobs(jobs, await arrayLimit());
    } catch (error) {
      throw error instanceof ProgramMissing ? missingForUse(error) : error;
    }
  }
}

/** Of the entries of a job that which lives, else the newest. */
function stateOf(entries: readonly Entry[], known: Listing, accounted: ReadonlyMap<Entry, Listed>): QueuedState {
  let newest: QueuedState = { state: 'ended' };
  for (const entry of entries) {
    const listed = known.entries.get(entry);
    if (listed === undefined) {
      newest = pastState(entry, known, accounted.get(entry));
      continue;
    }
    newest = meaningOf(listed);
    if (newest.state !== 'ended') break;
  }
  return newest;
}

/** Of an entry that the queue has forgotten. */
function pastState(entry: Entry, { cancelled }: Listing, accounted: Listed | undefined): QueuedState {
  const meaning = accounted === undefined ? undefined : meaningOf(accounted);
  // accounting may think that a job lives of which the queue knows nothing
  if (meaning?.state === 'ended') return meaning;
  return cancelled.has(arrayOf(entry)) ? CANCELLED : { state: 'ended' };
}

/**
 * A sweep folder may come from somebody else, and name jobs of the user that are not its own.
 *
 * @throws RunError where the script of an array is not the sweep's
 */
async function refuseForeign(sweep: LaunchedSweep, arrays: readonly string[]): Promise<void> {
  const scripts = await scriptsOfArrays(arrays);
  for (const array of arrays) {
    const script = scripts.get(array);
    if (script === undefined || isWithin(sweep.files, script)) continue;
    throw new RunError(
      `The sweep says that array ${array} of the queue is its own, and its script ${script} is not in ${sweep.files}.`,
      'No job was stopped. Has the folder been moved since?',
      [`scancel --signal=USR2 --batch ${array}     (tells the jobs that run to stop)`, `scancel ${array}`],
    );
  }
}

function isWithin(folder: string, script: string): boolean {
  if (dirname(script) === folder) return true;
  try {
    return realpathSync(dirname(script)) === realpathSync(folder); // one folder has many names on a cluster
  } catch {
    return false;
  }
}

/** For those that start meanwhile, or come back into the queue: the script looks for it. @throws RunError */
function noteStopped(sweep: LaunchedSweep, entries: readonly Entry[]): void {
  const folder = join(sweep.files, STOPPED_FOLDER);
  try {
    mkdirSync(folder, { recursive: true });
    for (const entry of entries) {
      // never through a link that lies there
      const file = stoppedFile(sweep, entry);
      if (!existsSync(file)) writeFileSync(file, '', { flag: 'wx' });
    }
  } catch (error) {
    throw new RunError(`${folder} cannot be written: ${(error as Error).message}.`, undefined, [], { cause: error });
  }
}

function stoppedEntries(sweep: LaunchedSweep): ReadonlySet<string> {
  try {
    return new Set(readdirSync(join(sweep.files, STOPPED_FOLDER)));
  } catch {
    return new Set(); // none was stopped
  }
}

/** Says that an entry is not to go on. */
function stoppedFile(sweep: LaunchedSweep, entry: Entry): string {
  return join(sweep.files, STOPPED_FOLDER, entry);
}

function arrayOf(entry: Entry): string {
  return entry.slice(0, entry.indexOf('_'));
}

function arraysOf(entries: Iterable<readonly Entry[]>): string[] {
  const arrays = new Set<string>();
  for (const own of entries) for (const entry of own) arrays.add(arrayOf(entry));
  return Array.from(arrays);
}
