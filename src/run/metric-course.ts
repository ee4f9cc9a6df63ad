/** The whole course of one metric of a run. */
import { createReadStream, existsSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { UsageError } from '../sdk';
import { checkRegularFile } from '../util/regular-file';
import { evaluationCourses, lossCourses, METRICS_FILE, parseLogLine } from './run-metrics';
import { newestState } from './run-overview';

export interface MetricCourse {
  /** What its places are: epochs finished, or steps done before it was logged. */
  readonly unit: 'epoch' | 'step';
  /** Empty where the run has not the metric. Values that are not finite are NaN. */
  readonly points: readonly (readonly [at: number, value: number])[];
}

/** Of losses and of evaluators by epochs; of what else was logged by steps, for which `metrics.jsonl` is read. @throws UsageError for a damaged file */
export async function readMetricCourse(run: string, metric: string): Promise<MetricCourse> {
  const checkpoint = await newestState(run);
  const loss = lossCourses(checkpoint?.history ?? []).get(metric);
  if (loss !== undefined) return { unit: 'epoch', points: loss };
  const measured = evaluationCourses(run, checkpoint?.position.step ?? null, true).get(metric);
  if (measured !== undefined) return { unit: 'epoch', points: measured.course };
  return { unit: 'step', points: await loggedCourse(join(run, METRICS_FILE), metric) };
}

async function loggedCourse(file: string, metric: string): Promise<[number, number][]> {
  if (!existsSync(file)) return [];
  try {
    checkRegularFile(file, Number.MAX_SAFE_INTEGER);
  } catch (error) {
    throw new UsageError(`The file ${file} cannot be read.`, (error as Error).message, [], { cause: error });
  }
  const points: [number, number][] = [];
  const name = JSON.stringify(metric);
  for await (const line of createInterface({ input: createReadStream(file), crlfDelay: Infinity })) {
    if (!line.includes(name)) continue; // most lines have a few metrics of many
    const point = parseLogLine(line);
    const value = point?.metrics.find(([one]) => one === metric)?.[1];
    if (point !== undefined && value !== undefined) points.push([point.step, value]);
  }
  return points;
}
