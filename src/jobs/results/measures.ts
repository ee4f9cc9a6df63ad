/** What was measured at the end of runs, as rows and columns. */
import type { EvaluationPoint, RunRecord } from '../../run';
import { summarise, type Summary } from './statistics';

/** A number of one run. */
export interface Measure {
  /** As it is logged: `test/fg_ari`. */
  readonly metric: string;
  /** What was measured: the model, a baseline, masks of one sort. */
  readonly row: string;
  readonly column: string;
  /** Whether the row and the column are its evaluator's: false for what is no cell of a table. */
  readonly placed: boolean;
  readonly better: 'higher' | 'lower' | null;
  readonly headline: boolean;
  /** Not of what was trained. */
  readonly baseline: boolean;
  readonly value: number;
}

const MODEL = 'model';

/**
 * Of the last test while training, and what `osc evaluate` has measured of the same weights and images since; a metric without
 * a description is left out, since nobody would know what it is.
 */
export function finalMeasures({ points, reports, progress }: RunRecord): Measure[] {
  const last = points.at(-1);
  const ofTraining = last === undefined ? [] : measuresOf(last);
  const later = reports.filter(
    ({ step, weights, evaluations }) =>
      step === progress?.steps &&
      (weights ?? null) === null &&
      evaluations.every((one) => one.num_objects === undefined && sameData(one.data, last)),
  );
  const first = new Map<string, Measure>();
  for (const measure of [...ofTraining, ...later.flatMap(measuresOf)]) {
    if (!first.has(placeOf(measure))) first.set(placeOf(measure), measure);
  }
  return [...first.values()];
}

const placeOf = ({ row, column }: Pick<Measure, 'row' | 'column'>): string => `${row}\n${column}`;

function sameData(data: object, last: EvaluationPoint | undefined): boolean {
  return last === undefined || last.evaluations.some((one) => JSON.stringify(one.data) === JSON.stringify(data));
}

function measuresOf({ evaluations }: EvaluationPoint): Measure[] {
  return evaluations.flatMap(({ metrics, descriptions, weights }) =>
    Object.entries(metrics).flatMap(([metric, value]) => {
      const description = descriptions[metric];
      if (description === undefined) return [];
      const { label, better, headline = false, baseline = false, table } = description;
      const row = table?.row ?? MODEL;
      return [
        {
          metric,
          row: weights === undefined ? row : `${row} (weights of ${weights})`,
          column: table?.column ?? label,
          placed: table !== undefined,
          ...{ better, headline, baseline },
          value: value ?? NaN,
        },
      ];
    }),
  );
}

/** Over the runs of a group. */
export interface MeasureTable {
  readonly rows: readonly { readonly name: string; readonly baseline: boolean }[];
  readonly columns: readonly { readonly name: string; readonly better: Measure['better'] }[];
  /** What has no place in a table; without baselines. */
  readonly others: readonly Pick<Measure, 'row' | 'column' | 'better'>[];
  /** Null where nothing was measured. */
  cell(row: string, column: string): Summary | null;
}

export function tabulate(runs: readonly RunRecord[]): MeasureTable {
  const measures = runs.flatMap(finalMeasures);
  const byPlace = new Map<string, number[]>();
  for (const measure of measures) {
    const place = placeOf(measure);
    byPlace.set(place, [...(byPlace.get(place) ?? []), measure.value]);
  }
  const placed = measures.filter((measure) => measure.placed);
  const others = new Map(measures.filter((one) => !one.placed && !one.baseline).map((one) => [placeOf(one), one]));
  const rows = new Map(placed.map(({ row, baseline }) => [row, { name: row, baseline }]));
  const columns = new Map(placed.map(({ column, better }) => [column, { name: column, better }]));
  return {
    rows: [...rows.values()].sort((a, b) => Number(a.baseline) - Number(b.baseline)),
    columns: [...columns.values()],
    others: [...others.values()],
    cell: (row, column) => summarise(byPlace.get(placeOf({ row, column })) ?? []),
  };
}

/** The few that tell at a glance what was learned, in the order in which they were measured: of the model, not of baselines. */
export function headlineMeasures(runs: readonly RunRecord[]): Pick<Measure, 'metric' | 'row' | 'column' | 'better'>[] {
  const trained = runs.flatMap(finalMeasures).filter(({ baseline }) => !baseline);
  const headlines = trained.filter(({ headline }) => headline);
  const chosen = headlines.length > 0 ? headlines : trained.slice(0, 1);
  return [...new Map(chosen.map((measure) => [placeOf(measure), measure])).values()];
}

/** NaN where the run has it not. */
export function valueOf(run: RunRecord, { row, column }: Pick<Measure, 'row' | 'column'>): number {
  return finalMeasures(run).find((measure) => measure.row === row && measure.column === column)?.value ?? NaN;
}

/** What was measured of a metric while training: epochs finished, and values. */
export function courseOf(run: RunRecord, metric: string): [epoch: number, value: number][] {
  return run.points.flatMap(({ epoch, evaluations }) =>
    evaluations.flatMap(({ metrics, weights }): [number, number][] => {
      const value = weights === undefined ? metrics[metric] : undefined;
      return value === undefined || value === null ? [] : [[epoch + 1, value]];
    }),
  );
}
