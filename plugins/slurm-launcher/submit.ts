/** Handing scripts to sbatch. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { RunError, UsageError, type LaunchedSweep, type Logger } from 'osc-trainer/sdk';
import type { Chunk } from './chunks';
import {
  complaintOf,
  isUnreachable,
  missingForUse,
  ProgramMissing,
  runProgram,
  unreachable,
  type Answer,
} from './commands';
import { keyOf, type SbatchOptions } from './header';
import { arrayOfScript } from './queue';
import { scriptFile } from './script';
import { noteAnswer, noteRequest, readSubmissions, type Submission } from './submissions';

/** Refusals that pass: nodes that are down or drained, a partition that is closed. sbatch itself takes such jobs, and they wait. */
const PASSING = /requested node configuration is not available|required (partition|node) not available/i;

/**
 * Asks SLURM whether it would take a script.
 *
 * @throws UsageError with SLURM's own words where it would not; RunError where it does not answer
 */
export async function testChunk(header: SbatchOptions, script: string, logger: Logger): Promise<void> {
  const answer = await runSbatch(['--test-only', ...flagsOf(header)], script);
  if (answer.code === 0) return;
  if (isUnreachable(answer)) throw unreachable('sbatch', answer);
  if (!PASSING.test(answer.stderr)) throw refusal(header, answer);
  logger.warn(`SLURM could not run the jobs at present: ${complaintOf(answer)}.`);
}

/**
 * Writes the script of a chunk and submits it. On the command line, too, goes what the script says: there it wins over
 * `SBATCH_…` variables of the user.
 *
 * @param done what was submitted before, for the message
 * @returns the id of the array
 * @throws UsageError with SLURM's own words where it does not take it; RunError where it does not answer
 */
export async function submitChunk(
  sweep: LaunchedSweep,
  chunk: Chunk,
  header: SbatchOptions,
  script: string,
  done: readonly string[],
): Promise<string> {
  const { submission, path } = writeScript(sweep.files, script);
  noteRequest(
    sweep.files,
    submission,
    chunk.offset,
    chunk.jobs.map(({ number }) => number),
  );
  const answer = await runSbatch(['--parsable', ...flagsOf(header), path]);
  const id = /^(\d+)(?:;.*)?$/m.exec(answer.stdout)?.[1];
  if (id !== undefined && answer.code === 0) {
    noteAnswer(sweep.files, submission, id);
    return id;
  }
  const unclear = /timed out|zero bytes/i.test(answer.stderr) || answer.code === 0 || answer.code === null;
  // a controller that answers too late may have taken the jobs all the same: then its queue is looked through, by the script's name
  if (!unclear) noteAnswer(sweep.files, submission, null);
  if (unclear || isUnreachable(answer)) {
    throw new RunError(
      `SLURM does not answer${unclear ? ', and whether it has taken the jobs is not known' : ''}.`,
      [`sbatch: ${complaintOf(answer)}.`, ...done].join(' '),
      ['sinfo', `osc sweep status ${sweep.folder}`],
    );
  }
  throw refusal(header, answer, done);
}

/** Submissions that have jobs of the wanted ones and an id. Ids that were lost are looked for. */
export async function recoveredSubmissions(
  files: string,
  wanted: ReadonlySet<number>,
): Promise<(Submission & { readonly id: string })[]> {
  const found: (Submission & { readonly id: string })[] = [];
  for (const submission of readSubmissions(files)) {
    if (submission.id === null || !submission.numbers.some((number) => wanted.has(number))) continue;
    let { id } = submission;
    if (id === undefined) {
      id = await arrayOfScript(scriptFile(files, submission.submission));
      if (id === undefined) continue;
      noteAnswer(files, submission.submission, id);
    }
    found.push({ ...submission, id });
  }
  return found;
}

function flagsOf(header: SbatchOptions): string[] {
  return Array.from(header, ([name, value]) => (value === null ? `--${name}` : `--${name}=${value}`));
}

async function runSbatch(args: readonly string[], input?: string): Promise<Answer> {
  try {
    return await runProgram('sbatch', args, input === undefined ? {} : { input });
  } catch (error) {
    throw error instanceof ProgramMissing ? missingForUse(error) : error;
  }
}

/** Under the next free number; a second process takes another one. */
function writeScript(files: string, script: string): { submission: number; path: string } {
  mkdirSync(files, { recursive: true });
  let submission = readSubmissions(files).reduce((most, one) => Math.max(most, one.submission), 0);
  for (;;) {
    const path = scriptFile(files, ++submission);
    try {
      writeFileSync(path, script, { flag: 'wx', mode: 0o755 });
      return { submission, path };
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EEXIST') continue;
      throw new RunError(`${path} cannot be written: ${(error as Error).message}.`, undefined, [], { cause: error });
    }
  }
}

/** What sbatch complains of, and what of the config may be to blame. */
const BLAMED: readonly (readonly [RegExp, readonly string[], string])[] = [
  [/array|MaxSubmit/i, [], 'fewer jobs in one sweep, or --resume of the same sweep when some have ended'],
  [/account|assoc/i, ['account', 'qos'], 'sacctmgr show associations user=$USER     (lists your accounts)'],
  [/partition/i, ['partition'], 'sinfo --summarize     (lists the partitions)'],
  [/qos/i, ['qos'], 'sacctmgr show qos     (lists them)'],
  [/time/i, ['time'], 'sinfo --format="%P %l"     (the limits of the partitions)'],
  [/gres|gpu/i, ['gres', 'gpus-per-node', 'gpus-per-task'], 'sinfo --format="%P %G"     (what nodes have)'],
  [/feature|constraint/i, ['constraint'], 'sinfo --format="%P %f"     (features of nodes)'],
  [/memory/i, ['mem', 'mem-per-cpu', 'mem-per-gpu'], 'sinfo --format="%P %m"     (megabytes of the nodes)'],
  [
    /cpu|node configuration/i,
    ['cpus-per-task', 'mem', 'constraint'],
    'sinfo --format="%P %c %m"     (cores and megabytes)',
  ],
];

function refusal(header: SbatchOptions, answer: Answer, done: readonly string[] = []): UsageError {
  const said = complaintOf(answer);
  const blamed = BLAMED.find(([pattern]) => pattern.test(said));
  const set = (blamed?.[1] ?? []).flatMap((name) => {
    const value = header.get(name);
    return value === undefined ? [] : [`${keyOf(name)} is ${value ?? 'set'}`];
  });
  return new UsageError(
    `SLURM does not take the jobs: ${said}.`,
    [...(set.length > 0 ? [`${set.join(', ')}.`] : []), ...done].join(' ') || undefined,
    blamed === undefined ? ['osc plugins inspect slurm'] : [blamed[2]],
  );
}
