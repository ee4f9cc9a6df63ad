/** SLURM's programs: run without a shell, with a limit of time, and their failures as errors for people. */
import { spawn } from 'node:child_process';
import { RunError, UsageError } from 'osc-trainer/sdk';

export type Program = 'sbatch' | 'squeue' | 'scancel' | 'scontrol' | 'sacct';

export interface Answer {
  /** null where a signal ended it. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A controller with much to do takes its time; SLURM's programs themselves give up after some tens of seconds. */
const TIMEOUT_MS = 90_000;
/** Some hundred bytes a job. */
const MAX_BYTES = 2 ** 26;

/** The program is not on this machine. */
export class ProgramMissing extends Error {
  constructor(readonly program: Program) {
    super(`${program} is not there.`);
  }
}

/**
 * What SLURM's programs read from the environment, taken out: `SQUEUE_USERS` would hide jobs, `SBATCH_PARTITION` win over the
 * script, `SCANCEL_INTERACTIVE` ask. Inside a job, so is what that job has: its memory and cores are not those of its jobs.
 */
export function cleanEnvironment(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const inJob = env.SLURM_JOB_ID !== undefined;
  const kept = Object.entries(env).filter(
    ([name]) => !/^(SQUEUE|SACCT|SCANCEL|SRUN|SLURMD)_/.test(name) && !(inJob && /^SLURM_(?!CONF$)/.test(name)),
  );
  // else long lists of indices are cut off with dots
  return { ...Object.fromEntries(kept), SLURM_BITSTR_LEN: '0', SLURM_TIME_FORMAT: 'standard' };
}

/**
 * @param input for its stdin
 * @throws ProgramMissing; RunError where it gives no answer in time
 */
export function runProgram(
  program: Program,
  args: readonly string[],
  { input = '', timeoutMs = TIMEOUT_MS }: { readonly input?: string; readonly timeoutMs?: number } = {},
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { env: cleanEnvironment(process.env), stdio: 'pipe' });
    const output = { stdout: '', stderr: '' };
    const timer = setTimeout(() => {
      child.kill('SIGKILL');
      // a program of its own that it started may keep the pipes open
      child.stdout.destroy();
      child.stderr.destroy();
      reject(
        new RunError(`${program} gave no answer within ${timeoutMs / 1000} seconds.`, undefined, ['sinfo', 'sdiag']),
      );
    }, timeoutMs);
    for (const stream of ['stdout', 'stderr'] as const) {
      child[stream].setEncoding('utf8').on('data', (text: string) => {
        if (output[stream].length < MAX_BYTES) output[stream] += text;
      });
    }
    child.stdin.on('error', () => undefined); // it may end without reading
    child.stdin.end(input);
    child.on('error', (error: NodeJS.ErrnoException) => {
      clearTimeout(timer);
      const missing = error.code === 'ENOENT' || error.code === 'EACCES';
      reject(missing ? new ProgramMissing(program) : new RunError(`${program} cannot be started: ${error.message}.`));
    });
    child.on('close', (code) => {
      clearTimeout(timer);
      resolve({ code, ...output });
    });
  });
}

/** What a program says on stderr, as one line and without its own name before each. */
export function complaintOf({ code, stderr, stdout }: Answer): string {
  const lines = (stderr.trim() === '' ? stdout : stderr)
    .split('\n')
    .map((line) =>
      line
        .replace(
          /^(?:(?:sbatch|squeue|scancel|scontrol|sacct|allocation failure|slurm_\w+ error)(?:: )?)+(?:error: |fatal: )?/,
          '',
        )
        .trim(),
    )
    .filter((line) => line !== '' && !/^Try ".* --help"/.test(line));
  const said = Array.from(new Set(lines)).join('; ').replace(/\.$/, '');
  return said === '' ? `it ended with code ${code} and said nothing` : said;
}

/** Whether it is the controller that does not answer, and not a question that it refuses. */
export function isUnreachable(answer: Answer): boolean {
  return /unable to contact slurm controller|connect failure|connection refused|timed out|zero bytes|unable to process configuration|could not establish a configuration source|munge/i.test(
    answer.stderr,
  );
}

export function unreachable(program: Program, answer: Answer): RunError {
  return new RunError(`SLURM does not answer.`, `${program}: ${complaintOf(answer)}.`, ['scontrol ping', 'sinfo']);
}

const NOT_A_CLUSTER = [
  'module load slurm     (where clusters keep it in a module)',
  'launcher=local     (runs the jobs on this machine)',
];

/** For what is found before anything is submitted. */
export function missingForUse({ program }: ProgramMissing): UsageError {
  return new UsageError(
    `launcher=slurm needs ${program}, and it was not found on PATH.`,
    'Is this a login node of a SLURM cluster?',
    NOT_A_CLUSTER,
  );
}

/** For a queue that was there and is not found any more, or from this machine. */
export function missingForQueue({ program }: ProgramMissing): RunError {
  return new RunError(
    `The jobs are in SLURM's queue, and ${program}, which would be asked about them, was not found on PATH.`,
    'Is this a login node of the cluster that they were submitted on?',
    NOT_A_CLUSTER.slice(0, 1),
  );
}

/** Runs a program for a queue that has jobs. @throws RunError where it is not there */
export async function askQueue(program: Program, args: readonly string[]): Promise<Answer> {
  try {
    return await runProgram(program, args);
  } catch (error) {
    throw error instanceof ProgramMissing ? missingForQueue(error) : error;
  }
}
