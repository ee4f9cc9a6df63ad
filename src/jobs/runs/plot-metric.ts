/** Curves of a metric over many runs: a group of them as its mean, with a band of its deviation. */
import { readMetricCourse, type MetricCourse } from '../../run';
import { RunError, UsageError } from '../../sdk/errors';
import { diskProblem } from '../../util/disk-problem';
import { valueText } from '../../util/table-text';
import { shortenText } from '../../util/text';
import { countAxis, niceRange, plotLabel, writeCurvePlot, type BandPlot } from '../../visualization';
import { summarise } from '../results/statistics';
import type { ChosenMetric } from './choose-metrics';
import type { Grouping, RowGroup } from './group-rows';
import type { NamedRun } from './read-runs';

/** More could not be told apart. */
const MAX_CURVES = 12;

export interface DrawnPlot {
  /** Absolute or as it was given. */
  readonly file: string;
  readonly curves: number;
  /** Groups that have the metric, beyond those that were drawn. */
  readonly leftOut: number;
}

/**
 * @param grouping its rows in the order in which they are drawn
 * @throws UsageError where no run has the metric; RunError where the file cannot be written
 */
export async function plotMetric(metric: ChosenMetric, { columns, rows }: Grouping, file: string): Promise<DrawnPlot> {
  const able = rows.filter(({ runs }) => countedRuns(runs).some((run) => run.metrics.has(metric.name)));
  const drawn = able.slice(0, MAX_CURVES);
  const labels = columns.map(({ label }) => label);
  const groups = [];
  for (const row of drawn) {
    const courses: MetricCourse[] = [];
    for (const { folder } of countedRuns(row.runs)) courses.push(await readMetricCourse(folder, metric.name));
    groups.push({ label: labelOf(row, labels), courses: courses.filter(({ points }) => points.length > 0) });
  }
  const curves = groups.map(({ label, courses }) => ({ label, ...meanCourse(courses) }));
  const points = curves.flatMap((curve) => [
    ...curve.points,
    ...curve.band.flatMap(
      ([x, a, b]) =>
        [
          [x, a],
          [x, b],
        ] as const,
    ),
  ]);
  if (points.length === 0) throw new UsageError(`The metric ${metric.name} has no value that could be drawn.`);
  const units = new Set(groups.flatMap(({ courses }) => courses.map(({ unit }) => unit)));
  const plot: BandPlot = {
    name: 'runs',
    x: axisOf(
      [...units].join(' or '),
      Math.max(...points.map(([x]) => x)),
      Math.max(...curves.map((curve) => curve.points.length)),
    ),
    y: { label: axisLabel(metric), range: niceRange(points.map(([, value]) => value)) },
    curves,
  };
  try {
    await writeCurvePlot(plot, file);
  } catch (error) {
    const why = diskProblem(error) ?? (error as Error).message;
    throw new RunError(`Could not write ${file}.`, why, ['--output ANOTHER_FILE.png'], { cause: error });
  }
  return { file, curves: curves.length, leftOut: able.length - drawn.length };
}

/** Those that finished, where some did: a curve that ends early would bend the mean. */
function countedRuns(runs: readonly NamedRun[]): readonly NamedRun[] {
  const finished = runs.filter(({ state }) => state === 'finished');
  return finished.length > 0 ? finished : runs;
}

/** Captions have 46 characters of room. */
const LABEL = 44;

function labelOf({ runs, settings }: RowGroup, names: readonly string[]): string {
  const told = settings.map((value, i) => `${names[i]!}=${valueText(value)}`);
  const { length } = countedRuns(runs);
  const seeds = length > 1 ? [`n=${length}`] : [];
  const text = [...(told.length > 0 ? told : [shortenText(runs[0]!.label, LABEL / 2)]), ...seeds].join(' ');
  return shortenText(plotLabel(text), LABEL).replace('…', '..');
}

function axisLabel({ name, label, better }: ChosenMetric): string {
  const text = label === name ? name : `${label} ${name}`;
  return plotLabel(better === null ? text : `${text}, ${better} is better`);
}

/** Points of few epochs are marked; of many the ticks lie at whole quarters. */
function axisOf(label: string, last: number, points: number): BandPlot['x'] {
  const end = Math.max(1, last);
  return points <= MARKED ? countAxis(label, end) : { label, range: [0, 4 * Math.ceil(end / 4)] };
}

const MARKED = 24;

type Curve = Pick<BandPlot['curves'][number], 'points'> & {
  readonly band: NonNullable<BandPlot['curves'][number]['band']>;
};

/** Values that are not finite are left out, and leave a gap that a line bridges. */
function meanCourse(courses: readonly MetricCourse[]): Curve {
  const byPlace = new Map<number, number[]>();
  for (const [at, value] of courses.flatMap(({ points }) => points)) {
    if (!Number.isFinite(value)) continue;
    const values = byPlace.get(at);
    if (values === undefined) byPlace.set(at, [value]);
    else values.push(value);
  }
  const means = [...byPlace].sort(([a], [b]) => a - b).map(([at, values]) => ({ at, ...summarise(values)! }));
  return {
    points: means.map(({ at, mean }) => [at, mean]),
    band:
      courses.length < 2
        ? []
        : means.map(({ at, mean, deviation }) => [at, mean - (deviation ?? 0), mean + (deviation ?? 0)]),
  };
}
