/** `osc runs compare`: runs side by side, or groups of them over their seeds. */
import type { RunMetric, RunState } from '../../run';
import { UsageError } from '../../sdk/errors';
import { givenPath } from '../input';
import { checkOutputFile } from '../output-file';
import type { Summary } from '../results/statistics';
import { findMetric, headMetrics, type ChosenMetric } from './choose-metrics';
import { everyRun, groupRows, summaryOf, type Grouping, type RowGroup } from './group-rows';
import type { DrawnPlot } from './plot-metric';
import { readRuns, type BrokenRun, type NamedRun, type RunsInput } from './read-runs';

export interface CompareRunsInput extends RunsInput {
  /**
   * One row for the runs that agree in these keys of the config (whole, or their last words), with mean, deviation and n; `seeds`: in all
   * but their seeds. Default: a row for each run.
   */
  readonly groupBy?: 'seeds' | readonly string[] | undefined;
  /** Groups count runs that have not finished, too. */
  readonly unfinished?: boolean | undefined;
  /** Metrics by name or label; default: those that evaluators call headlines, and the losses of validation. */
  readonly metrics?: readonly string[] | undefined;
  /** The metric whose best rows come first, by its last value; `METRIC:best` and `METRIC:first` by another. */
  readonly sort?: string | undefined;
  /** So many rows at most; needs `sort`. */
  readonly top?: number | undefined;
  /** Curves of a metric, drawn into a PNG file: seeds as a band. */
  readonly plot?: { readonly metric: string; readonly output: string } | undefined;
}

export const MOMENTS = ['first', 'last', 'best'] as const;
export type Moment = (typeof MOMENTS)[number];

/** Of the runs of a row that have the metric; of a single run mean is its value. Null where none has it. */
export type ComparedMetric = Readonly<Record<Moment, Summary | null>> & {
  /** Epochs that were finished when it was best, of a row of one run. */
  readonly bestEpochs: number | null;
};

export interface ComparedRow {
  /** The runs' labels. */
  readonly label: string;
  readonly runs: readonly {
    readonly label: string;
    readonly folder: string;
    readonly state: RunState;
    readonly epochs: number;
  }[];
  /** Runs that the numbers are of. */
  readonly n: number;
  /** The values of the columns, in their order; undefined where the runs have not the key. */
  readonly settings: readonly unknown[];
  /** By name. */
  readonly metrics: Readonly<Record<string, ComparedMetric>>;
}

export interface Comparison {
  readonly grouped: boolean;
  /** Keys that differ from row to row. */
  readonly columns: readonly { readonly key: string; readonly label: string }[];
  readonly metrics: readonly ChosenMetric[];
  readonly rows: readonly ComparedRow[];
  /** Rows that `top` left out. */
  readonly leftOut: number;
  /** Rows there would be if runs that differ in their seeds alone were one. */
  readonly experiments: number;
  /** Told and left out. */
  readonly broken: readonly BrokenRun[];
  /** What was drawn; null where nothing was asked for. */
  readonly plot: DrawnPlot | null;
}

/** @throws UsageError for what is not there: a run, a metric, a key */
export async function compareRuns(input: CompareRunsInput): Promise<Comparison> {
  const { groupBy, metrics: wanted, plot, top, sort } = input;
  if (top !== undefined && sort === undefined) {
    throw new UsageError('The first rows of which order?', '--top needs --sort.', ['--sort METRIC --top 10']);
  }
  const { runs, broken } = await readRuns(input, 'osc runs compare', 'all');
  const metrics = wanted === undefined ? headMetrics(runs) : wanted.map((name) => findMetric(runs, name));
  const order = sort === undefined ? undefined : orderOf(runs, sort);
  const grouping = groupBy === undefined ? everyRun(runs) : group(runs, groupBy);
  // the metric that rows are sorted by stands first
  const shown =
    order === undefined ? metrics : [order.metric, ...metrics.filter(({ name }) => name !== order.metric.name)];
  const finishedOnly = groupBy !== undefined && input.unfinished !== true;
  const rows = sorted(grouping.rows, (one) => rowOf(one, shown, finishedOnly), order).map(([row]) => row);
  const toDraw = groupBy === undefined ? groupRows(runs, null) : grouping;
  const drawn = plot === undefined ? null : await draw(input, runs, inOrder(toDraw, order, top), plot);
  return {
    grouped: groupBy !== undefined,
    columns: grouping.columns.map(({ key, label }) => ({ key, label })),
    metrics: shown,
    rows: rows.slice(0, top),
    leftOut: Math.max(0, rows.length - (top ?? Infinity)),
    experiments: groupRows(runs, null).rows.length,
    broken,
    plot: drawn,
  };
}

function group(runs: readonly NamedRun[], by: 'seeds' | readonly string[]): Grouping {
  return groupRows(runs, by === 'seeds' ? null : by);
}

interface Order {
  readonly metric: ChosenMetric;
  readonly moment: Moment;
}

/** `METRIC`, `METRIC:best` */
function orderOf(runs: readonly NamedRun[], text: string): Order {
  const moment = MOMENTS.find((one) => text.endsWith(`:${one}`));
  const name = moment === undefined ? text : text.slice(0, -moment.length - 1);
  return { metric: findMetric(runs, name), moment: moment ?? 'last' };
}

function rowOf({ runs, settings }: RowGroup, metrics: readonly ChosenMetric[], finishedOnly: boolean): ComparedRow {
  const counted = finishedOnly ? runs.filter(({ state }) => state === 'finished') : runs;
  return {
    label: runs.map(({ label }) => label).join(', '),
    runs: runs.map(({ label, folder, state, epochs }) => ({ label, folder, state, epochs })),
    n: counted.length,
    settings,
    metrics: Object.fromEntries(
      metrics.map(({ name }) => [
        name,
        compared(counted.map((run) => run.metrics.get(name)).filter((one) => one !== undefined)),
      ]),
    ),
  };
}

function compared(metrics: readonly RunMetric[]): ComparedMetric {
  return {
    first: summaryOf(metrics.map(({ first }) => first)),
    last: summaryOf(metrics.map(({ last }) => last)),
    best: summaryOf(metrics.map(({ best }) => best?.value)),
    bestEpochs: metrics.length === 1 ? (metrics[0]!.best?.epochs ?? null) : null,
  };
}

/** The best first; where nobody says what is better, the highest. Rows without the metric come last. */
function sorted(
  groups: readonly RowGroup[],
  toRow: (group: RowGroup) => ComparedRow,
  order: Order | undefined,
): [ComparedRow, RowGroup][] {
  const rows = groups.map((group): [ComparedRow, RowGroup] => [toRow(group), group]);
  if (order === undefined) return rows;
  const { metric, moment } = order;
  const sign = metric.better === 'lower' ? 1 : -1;
  const worth = ([row]: [ComparedRow, RowGroup]): number => {
    const value = row.metrics[metric.name]?.[moment]?.mean ?? NaN;
    return Number.isNaN(value) ? Infinity : sign * value;
  };
  // a stable sort: equal ones keep their order; Infinity minus itself is no number
  return rows.sort((a, b) => (worth(a) === worth(b) ? 0 : worth(a) - worth(b)));
}

function inOrder({ columns, rows }: Grouping, order: Order | undefined, top: number | undefined): Grouping {
  const metrics = order === undefined ? [] : [order.metric];
  const ordered = sorted(rows, (one) => rowOf(one, metrics, false), order);
  return { columns, rows: ordered.slice(0, top).map(([, group]) => group) };
}

async function draw(
  { cwd }: CompareRunsInput,
  runs: readonly NamedRun[],
  grouping: Grouping,
  { metric, output }: NonNullable<CompareRunsInput['plot']>,
): Promise<DrawnPlot> {
  const found = findMetric(runs, metric);
  const file = givenPath({ cwd }, output);
  if (!file.toLowerCase().endsWith('.png')) throw new UsageError(`A plot is a PNG: ${output} should end in .png.`);
  checkOutputFile(file, '--output');
  const { plotMetric } = await import('./plot-metric.js');
  return plotMetric(found, grouping, file);
}
