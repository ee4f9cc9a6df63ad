/** `sweep.yaml` and `jobs.jsonl`: what a sweep was asked for, and its jobs. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { z } from 'zod';
import { parseYamlData } from '../config/yaml-data';
import { readRunFile, SWEEP_FILE } from '../run';
import { UsageError, type SweptValue } from '../sdk';
import { writeFileAtomically } from '../util/durable-files';
import { checkRegularFile } from '../util/regular-file';
import { listOf, zodProblems } from '../util/zod-problems';
import { JOB_STATES, type JobState } from './job-record';
import type { SweepJob } from './space';
import { jobFolder, JOBS_FILE } from './sweep-folder';

/** A component of a config as sweeps keep it. */
const componentSchema = z.object({ name: z.string(), options: z.record(z.string(), z.unknown()).default({}) });

const sweepSchema = z.looseObject({
  name: z.string().min(1),
  /** ISO 8601. */
  created: z.string(),
  /** Version of osc. */
  version: z.string(),
  /** Working directory: whose config file counts, what paths are relative to. */
  cwd: z.string().min(1),
  /** Arguments behind `osc`; none where a script asked. */
  command: listOf(z.string()),
  /** Overrides, choices and all. */
  overrides: listOf(z.string()),
  /** What was given by `--plugin`. */
  plugins: listOf(z.string()),
  /** Plugin packages that the configs were composed with, by name or absolute path. */
  packages: listOf(z.string()),
  /** A run or checkpoint that every job starts from. */
  init_from: z.string().nullable().default(null),
  launcher: componentSchema,
  sweeper: componentSchema,
});

/** What was asked. */
export type SweepRequest = z.infer<typeof sweepSchema>;

/** @throws UsageError where the file is missing or damaged */
export function readSweepFile(sweep: string): SweepRequest {
  const file = join(sweep, SWEEP_FILE);
  return readRunFile(file, (text) => parseYamlData(text, file), sweepSchema);
}

/** Written last: it makes the folder a sweep, which then has all its jobs. */
export async function writeSweepFile(sweep: string, request: SweepRequest): Promise<void> {
  await writeFileAtomically(
    join(sweep, SWEEP_FILE),
    stringify(request, { compat: 'yaml-1.1', aliasDuplicateObjects: false }),
  );
}

/** A job as `jobs.jsonl` shows it. */
export interface ListedJob extends SweepJob {
  readonly attempts: number;
  readonly state: JobState;
}

const valueSchema: z.ZodType<SweptValue> = z.json();
const jobSchema = z.object({
  number: z.int().nonnegative(),
  name: z.string(),
  overrides: listOf(z.string()),
  values: listOf(valueSchema),
  attempts: z.int().nonnegative(),
  state: z.enum(JOB_STATES),
});

/** Bytes: 10 000 jobs with overrides as long as a line can be. */
const MAX_BYTES = 2 ** 28;

/**
 * The jobs, in the order of their numbers, which go on from 0. Their states are as they were when somebody last looked.
 *
 * @throws UsageError where the file is missing or damaged
 */
export function readJobs(sweep: string): ListedJob[] {
  const file = join(sweep, JOBS_FILE);
  const damaged = (line: number, why: string): UsageError =>
    new UsageError(`The file ${file} is damaged.`, `Line ${line}: ${why}`, [
      'its lines are jobs: {"number": 0, "name": …, "overrides": […], "values": […], "folder": "000", "attempts": 0, "state": "waiting"}',
    ]);
  let text: string;
  try {
    checkRegularFile(file, MAX_BYTES);
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw new UsageError(`The file ${file} cannot be read.`, (error as Error).message, [], { cause: error });
  }
  const lines = text.split('\n').filter((line) => line !== '');
  return lines.map((line, index) => {
    let content: unknown;
    try {
      content = JSON.parse(line);
    } catch (error) {
      throw damaged(index + 1, (error as Error).message);
    }
    const read = jobSchema.safeParse(content);
    if (!read.success) throw damaged(index + 1, zodProblems(read.error));
    if (read.data.number !== index) throw damaged(index + 1, `It should be job ${index}, not ${read.data.number}.`);
    return read.data;
  });
}

/** Whole or not at all. */
export async function writeJobs(sweep: string, jobs: readonly ListedJob[]): Promise<void> {
  const lines = jobs.map(({ number, name, overrides, values, attempts, state }) =>
    JSON.stringify({ number, name, overrides, values, folder: jobFolder(number), attempts, state }),
  );
  await writeFileAtomically(join(sweep, JOBS_FILE), lines.map((line) => `${line}\n`).join(''));
}
