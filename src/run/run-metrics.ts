/** The metrics of a run, first, last and best: of its checkpoint's history, its evaluations, and the ends of `metrics.jsonl`. */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { UsageError, type MetricDescription } from '../sdk';
import { readEnds } from '../util/file-ends';
import { mapOf } from '../util/zod-problems';
import type { EpochRecord } from './checkpoint-state';
import { metricDescriptions } from './evaluations';
import { readRunFile } from './read-run-file';

/** Values that are not finite are NaN. */
export interface RunMetric {
  readonly first: number;
  readonly last: number;
  /** Null where nobody says which values are better, and where not all of them were looked at. */
  readonly best: { readonly value: number; readonly epochs: number } | null;
  /** Losses are means of epochs, what is logged is of single steps. */
  readonly source: 'loss' | 'evaluation' | 'log';
  readonly description: MetricDescription;
}

/** @param history of the newest checkpoint; epochs count from 0 there */
export function lossCourses(history: readonly EpochRecord[]): Map<string, [number, number][]> {
  const courses = new Map<string, [number, number][]>();
  for (const record of history) {
    for (const split of ['train', 'val'] as const) {
      for (const [key, value] of Object.entries(record[split])) {
        const course = courses.get(`${key}/${split}`) ?? [];
        course.push([record.epoch + 1, value]);
        courses.set(`${key}/${split}`, course);
      }
    }
  }
  return courses;
}

export function summariseCourse(
  course: readonly (readonly [epochs: number, value: number])[],
  description: MetricDescription,
  source: RunMetric['source'],
): RunMetric {
  const [first, last] = [course[0]![1], course.at(-1)![1]];
  return { first, last, best: bestOf(course, description.better), source, description };
}

/** The first of equal ones; values that are not finite never are. */
function bestOf(
  course: readonly (readonly [epochs: number, value: number])[],
  better: MetricDescription['better'],
): RunMetric['best'] {
  if (better === null) return null;
  let best: RunMetric['best'] = null;
  for (const [epochs, value] of course) {
    const isBetter = best === null || (better === 'higher' ? value > best.value : value < best.value);
    if (Number.isFinite(value) && isBetter) best = { value, epochs };
  }
  return best;
}

const evaluationSchema = z.object({
  step: z.int().nonnegative(),
  /** From 0. */
  epoch: z.int().nonnegative(),
  weights: z.string().nullish(),
  evaluations: z.array(
    z.object({
      data: z.unknown().optional(),
      num_objects: z.number().optional(),
      metrics: mapOf(z.number().nullable()),
      /** Looked at where they are asked for: they are longer than all else. */
      descriptions: z.unknown().optional(),
    }),
  ),
});

type Evaluation = z.infer<typeof evaluationSchema>;

export interface MeasuredCourse {
  readonly course: [number, number][];
  readonly description: MetricDescription | undefined;
}

/**
 * What evaluators measured while training, and what `osc evaluate` has measured since of the same weights and images.
 *
 * @param steps of the newest checkpoint; null: there is none
 * @param all false: only the first and the last test are read
 * @throws UsageError for a damaged file
 */
export function evaluationCourses(run: string, steps: number | null, all: boolean): Map<string, MeasuredCourse> {
  const folder = join(run, 'evaluations');
  const names = existsSync(folder) ? readdirSync(folder) : [];
  const numbered = names.flatMap((name) => {
    const number = /^epoch-(\d+)\.json$/.exec(name)?.[1];
    return number === undefined ? [] : [[Number(number), name] as const];
  });
  const tests = numbered.sort(([a], [b]) => a - b).map(([, name]) => name);
  const chosen = all || tests.length < 3 ? tests : [tests[0]!, tests.at(-1)!];
  const points = chosen.map((name) => readEvaluation(join(folder, name)));
  const last = points.at(-1);
  const courses = new Map<string, MeasuredCourse>();
  for (const point of points) addPoint(courses, point, point === last);
  const reports = names.filter((name) => /^evaluate-[\dTZ-]+\.json$/.test(name)).sort();
  const later = reports.map((name) => readEvaluation(join(folder, name))).filter((one) => belongs(one, last, steps));
  const measured = new Set(courses.keys());
  for (const point of later) addPoint(courses, point, true, measured);
  return courses;
}

function readEvaluation(file: string): Evaluation {
  return readRunFile(file, JSON.parse, evaluationSchema);
}

/** Of the weights that the run has come to, and the images it is tested with. */
function belongs(
  { step, weights, evaluations }: Evaluation,
  test: Evaluation | undefined,
  steps: number | null,
): boolean {
  const sameData = (data: unknown): boolean =>
    test === undefined || test.evaluations.some((one) => JSON.stringify(one.data) === JSON.stringify(data));
  return (
    step === steps &&
    (weights ?? null) === null &&
    evaluations.every((one) => one.num_objects === undefined && sameData(one.data))
  );
}

/** @param skip metrics that are known already */
function addPoint(
  courses: Map<string, MeasuredCourse>,
  { epoch, evaluations }: Evaluation,
  describe: boolean,
  skip: ReadonlySet<string> = new Set(),
): void {
  for (const { metrics, descriptions } of evaluations) {
    const described = describe ? (metricDescriptions.safeParse(descriptions ?? {}).data ?? {}) : {};
    for (const [name, value] of Object.entries(metrics)) {
      if (skip.has(name)) continue;
      const known = courses.get(name);
      const description = described[name] ?? known?.description;
      // one that is measured again at the same point counts as it was last
      const course = known?.course.filter(([epochs]) => epochs !== epoch + 1) ?? [];
      course.push([epoch + 1, value ?? NaN]);
      courses.set(name, { course, description });
    }
  }
}

export const METRICS_FILE = 'metrics.jsonl';

/** Bytes of each end of `metrics.jsonl` that are read: a hundred steps. */
const LOG_ENDS = 2 ** 15;

const logLine = z.looseObject({ step: z.number(), epoch: z.number() });

export interface LogEnds {
  /** First and last value of each metric that the ends have. */
  readonly values: ReadonlyMap<string, { readonly first: number; readonly last: number }>;
  /** Of the last line: the step, and the epoch that it is of, from 0. */
  readonly last: { readonly step: number; readonly epoch: number } | null;
}

/** Nothing of a file that is not there; lines that are none of the tracker's are passed over. @throws UsageError for what is no file */
export function readLogEnds(run: string): LogEnds {
  const file = join(run, METRICS_FILE);
  if (!existsSync(file)) return { values: new Map(), last: null };
  let lines: string[];
  try {
    const { head, tail } = readEnds(file, LOG_ENDS);
    lines = [...head, ...tail];
  } catch (error) {
    throw new UsageError(`The file ${file} cannot be read.`, (error as Error).message, [], { cause: error });
  }
  const values = new Map<string, { first: number; last: number }>();
  let last: LogEnds['last'] = null;
  for (const line of lines) {
    const point = parseLogLine(line);
    if (point === undefined) continue;
    last = { step: point.step, epoch: point.epoch };
    for (const [name, value] of point.metrics) {
      const known = values.get(name);
      if (known === undefined) values.set(name, { first: value, last: value });
      else known.last = value;
    }
  }
  return { values, last };
}

export interface LogPoint {
  readonly step: number;
  readonly epoch: number;
  readonly metrics: readonly (readonly [string, number])[];
}

/** Undefined for what is no line of metrics. */
export function parseLogLine(line: string): LogPoint | undefined {
  let content: unknown;
  try {
    content = JSON.parse(line);
  } catch {
    return undefined;
  }
  const read = logLine.safeParse(content).data;
  if (read === undefined) return undefined;
  const { step, epoch, ...rest } = read;
  const metrics = Object.entries(rest).flatMap(([name, value]): [string, number][] =>
    typeof value === 'number' ? [[name, value]] : value === null ? [[name, NaN]] : [],
  );
  return { step, epoch, metrics };
}
