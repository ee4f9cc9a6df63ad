/**
 * What was handed to SLURM, kept in a file to which lines are added: the script before sbatch runs, and the id that it gives. So a
 * process that ends between the two loses nothing: SLURM says which array has that script.
 */
import { closeSync, constants, fstatSync, fsyncSync, openSync, readFileSync, readSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { RunError, z } from 'osc-trainer/sdk';
import { formatRanges, parseRanges } from './ranges';

/** A job array, or what is to become one. */
export interface Submission {
  readonly submission: number;
  readonly offset: number;
  readonly numbers: readonly number[];
  /** Of the array; undefined: not known, null: SLURM did not take it. */
  readonly id: string | null | undefined;
}

const FILE = 'submissions.jsonl';
/** Far above what thousands of sweeps' jobs need. */
const MAX_BYTES = 2 ** 26;

const asked = z.object({
  submission: z.int().min(1),
  offset: z.int().min(0),
  jobs: z.string(),
});
const answered = z.object({
  submission: z.int().min(1),
  id: z
    .string()
    .regex(/^\d{1,12}$/)
    .nullable(),
});

/** In the order of submission. Lines that are cut off or are no lines of the launcher's are left out. @throws RunError if it cannot be read */
export function readSubmissions(files: string): Submission[] {
  const found = new Map<number, Submission>();
  for (const line of readText(join(files, FILE)).split('\n')) {
    if (line === '') continue;
    let value: unknown;
    try {
      value = JSON.parse(line);
    } catch {
      continue;
    }
    const answer = answered.safeParse(value);
    if (answer.success) {
      const known = found.get(answer.data.submission);
      if (known !== undefined) found.set(known.submission, { ...known, id: answer.data.id });
      continue;
    }
    const request = asked.safeParse(value);
    const numbers = request.success ? parseRanges(request.data.jobs) : undefined;
    if (!request.success || numbers === undefined) continue;
    const { submission, offset } = request.data;
    found.set(submission, { submission, offset, numbers, id: undefined });
  }
  return Array.from(found.values());
}

/** Says that sbatch is about to be run with the script of this number. */
export function noteRequest(files: string, submission: number, offset: number, numbers: readonly number[]): void {
  append(files, { submission, offset, jobs: formatRanges(numbers), time: new Date().toISOString() });
}

/** @param id null: SLURM did not take it */
export function noteAnswer(files: string, submission: number, id: string | null): void {
  append(files, { submission, id });
}

function append(files: string, value: object): void {
  const path = join(files, FILE);
  try {
    const file = openSync(
      path,
      constants.O_RDWR | constants.O_APPEND | constants.O_CREAT | constants.O_NOFOLLOW,
      0o666,
    );
    try {
      writeSync(file, `${endsInMidLine(file) ? '\n' : ''}${JSON.stringify(value)}\n`);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
  } catch (error) {
    throw new RunError(`${path} cannot be written: ${(error as Error).message}.`, undefined, [], { cause: error });
  }
}

/** A crash cut it off. */
function endsInMidLine(file: number): boolean {
  const { size } = fstatSync(file);
  const last = Buffer.alloc(1);
  return size > 0 && readSync(file, last, 0, 1, size - 1) === 1 && last.toString() !== '\n';
}

function readText(path: string): string {
  let file: number;
  try {
    // a pipe in its place would keep us waiting
    file = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '';
    throw new RunError(`${path} cannot be read: ${(error as Error).message}.`, undefined, [], { cause: error });
  }
  try {
    const stat = fstatSync(file);
    if (!stat.isFile() || stat.size > MAX_BYTES) {
      throw new RunError(`${path} is not the launcher's: ${stat.isFile() ? 'it is too large' : 'it is no file'}.`);
    }
    return readFileSync(file, 'utf8');
  } finally {
    closeSync(file);
  }
}
