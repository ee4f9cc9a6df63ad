/** What was measured, kept in the run directory with all that it was measured with: `evaluations/epoch-0005.json`. */
import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { RunError, type MetricDescription, type MetricPoint } from '../sdk';
import { writeFileAtomically } from '../sdk/data';
import { readRegularFile } from '../util/regular-file';
import { listOf, mapOf, zodProblems } from '../util/zod-problems';
import { MAX_BYTES } from './read-run-file';

const FOLDER = 'evaluations';

const settings = z.record(z.string(), z.unknown());

/** What an evaluator says of its metrics, by name. */
export const metricDescriptions = mapOf(
  z.object({
    label: z.string().min(1),
    better: z.enum(['higher', 'lower']).nullable(),
    headline: z.boolean().optional(),
    table: z.object({ row: z.string().min(1), column: z.string().min(1) }).optional(),
    baseline: z.boolean().optional(),
  }),
);

const recordSchema = z.strictObject({
  /** Name of the component. */
  evaluator: z.string(),
  /** Its options, defaults filled in. */
  options: settings,
  /** The data set with its options, the split, how many samples, and the size they were given. */
  data: settings,
  /** Slots, where they were not as many as the config of the model says. */
  num_objects: z.int().positive().optional(),
  /** Callback whose weights were measured, where it was not those being trained. */
  weights: z.string().optional(),
  /** A value that is not finite is null in JSON. */
  metrics: mapOf(
    z
      .number()
      .nullable()
      .transform((value) => value ?? NaN),
  ),
  /** Of these metrics; absent where the evaluator describes none. */
  descriptions: metricDescriptions.optional(),
  /** What they mean, in words; absent where the evaluator says nothing. */
  conclusion: z.string().optional(),
});

const fileSchema = z.strictObject({
  step: z.int().nonnegative(),
  epoch: z.int().nonnegative(),
  evaluations: listOf(recordSchema),
});

/** One evaluator's metrics. */
export type EvaluationRecord = z.infer<typeof recordSchema>;

export function metricsOf(records: readonly EvaluationRecord[]): Record<string, number> {
  return Object.assign({}, ...records.map(({ metrics }) => metrics)) as Record<string, number>;
}

/**
 * Replaces what an earlier process of the run measured at this point. The file is named by the number of epochs then
 * done, as figures are.
 */
export async function writeEvaluations(
  runDir: string,
  { step, epoch }: MetricPoint,
  evaluations: readonly EvaluationRecord[],
): Promise<void> {
  const name = `epoch-${String(epoch + 1).padStart(4, '0')}.json`;
  const text = JSON.stringify({ step, epoch, evaluations }, null, 2);
  await writeFileAtomically(join(runDir, FOLDER, name), `${text}\n`);
}

/** What `osc evaluate` measured, and on what. */
export interface EvaluationReport {
  readonly checkpoint: string;
  /** Callback whose weights were measured; null for those that were trained. */
  readonly weights: string | null;
  /** Of the file of weights. */
  readonly sha256: string;
  readonly step: number;
  readonly epoch: number;
  readonly overrides: readonly string[];
  /** Of the draws of queries. */
  readonly seed: number;
  readonly engine: Readonly<Record<string, unknown>>;
  readonly versions: Readonly<Record<string, string>>;
  readonly evaluations: readonly EvaluationRecord[];
}

/** A file for each call, named by the time: it replaces none. @returns its path */
export async function writeEvaluationReport(home: string, report: EvaluationReport, now = new Date()): Promise<string> {
  const time = now
    .toISOString()
    .replace(/\.\d+Z$/, 'Z')
    .replaceAll(':', '-');
  for (let number = 1; ; number++) {
    const file = join(home, FOLDER, `evaluate-${time}${number === 1 ? '' : `-${number}`}.json`);
    if (existsSync(file)) continue;
    await writeFileAtomically(file, `${JSON.stringify({ ...report, time: now.toISOString() }, null, 2)}\n`);
    return file;
  }
}

/** A metric where something was measured first, and where this metric was measured last. */
export interface FirstLastMetric {
  /** Null: it was measured only later. */
  readonly first: number | null;
  readonly last: number;
  /** As its evaluator described it last. */
  readonly description?: MetricDescription;
}

/**
 * Every metric of a run up to a step, over all processes that worked on it; empty where nothing was measured.
 *
 * @throws RunError for a file that is not what {@link writeEvaluations} writes
 */
export async function summariseEvaluations(runDir: string, lastStep: number): Promise<Record<string, FirstLastMetric>> {
  const points = await readPoints(runDir, lastStep);
  const summary: Record<string, FirstLastMetric> = {};
  const first = metricsOf(points[0]?.evaluations ?? []);
  for (const { metrics, descriptions } of points.flatMap(({ evaluations }) => evaluations)) {
    for (const [name, last] of Object.entries(metrics)) {
      const description = descriptions?.[name];
      summary[name] = { first: first[name] ?? null, last, ...(description && { description }) };
    }
  }
  return summary;
}

/**
 * What each evaluator measured last up to a step, in the order of the evaluators: of each set of weights that was measured.
 *
 * @throws RunError as {@link summariseEvaluations}
 */
export async function newestEvaluations(runDir: string, lastStep: number): Promise<EvaluationRecord[]> {
  const records = (await readPoints(runDir, lastStep)).flatMap(({ evaluations }) => evaluations);
  return [...new Map(records.map((record) => [`${record.evaluator} ${record.weights ?? ''}`, record])).values()];
}

type Point = z.infer<typeof fileSchema>;

/** In the order of their steps. */
async function readPoints(runDir: string, lastStep: number): Promise<Point[]> {
  const folder = join(runDir, FOLDER);
  if (!existsSync(folder)) return [];
  const files = (await readdir(folder)).filter((name) => /^epoch-\d+\.json$/.test(name));
  const points = files.map((name) => readPoint(join(folder, name)));
  return points.filter(({ step }) => step <= lastStep).sort((a, b) => a.step - b.step);
}

function readPoint(file: string): Point {
  const fail = (why: string, cause: unknown): never => {
    throw new RunError(`${file} is not a record of evaluations.`, why, [], { cause });
  };
  let content: unknown;
  try {
    content = JSON.parse(readRegularFile(file, MAX_BYTES).toString());
  } catch (error) {
    return fail((error as Error).message, error);
  }
  const read = fileSchema.safeParse(content);
  return read.success ? read.data : fail(zodProblems(read.error), read.error);
}
