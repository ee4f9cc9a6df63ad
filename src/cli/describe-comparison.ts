/** A comparison of runs, for people. */
import type { ComparedRow, Comparison, Moment } from '../jobs';
import { countsText, metricHeading, summaryText, valueText } from '../util/table-text';
import { countOf } from '../util/text';
import { alignTable, fullWidth, totalWidth, type TableColumn } from './aligned-table';
import { wrap } from './table';

const statesOf = ({ runs }: ComparedRow): string => countsText(runs.map(({ state }) => state));

/** Part of the width that what differs may take where there is more to show. */
const SHARE = 0.55;
const RUNS_NAMED = 3;

export function describeComparison(comparison: Comparison, values: readonly Moment[], width = fullWidth()): string {
  const { columns, metrics, rows, grouped } = comparison;
  const allFinished = rows.every(({ runs }) => runs.every(({ state }) => state === 'finished'));
  const head: TableColumn[] = [
    { header: grouped ? 'RUNS' : 'RUN', cells: rows.map(labelOf) },
    ...(allFinished ? [] : [{ header: 'STATE', cells: rows.map(statesOf) }]),
    ...(grouped ? [{ header: 'N', cells: rows.map(({ n }) => String(n)), right: true }] : []),
  ];
  const settings = columns.map(({ label }, i): TableColumn => ({
    header: label,
    cells: rows.map((row) => valueText(row.settings[i])),
    right: isNumeric(rows, i),
  }));
  const measured = metrics.map((metric) =>
    values.map((moment): TableColumn => ({
      header: metricHeading(metric, moment),
      cells: rows.map(({ metrics: of, n }) => summaryText(of[metric.name]?.[moment] ?? null, n)),
      right: true,
    })),
  );
  const chosen = fit({ head, settings, measured }, width);
  const hidden = [
    ...(chosen.metrics < metrics.length
      ? [
          namesOf(
            'metric',
            metrics.slice(chosen.metrics).map(({ label }) => label),
          ),
        ]
      : []),
    ...(chosen.settings < columns.length
      ? [
          namesOf(
            'key',
            columns.slice(chosen.settings).map(({ label }) => label),
          ),
        ]
      : []),
  ];
  return [
    alignTable(chosen.columns),
    ...remarks(comparison, hidden).flatMap((remark) => ['', ...wrap(remark, width)]),
  ].join('\n');
}

interface Parts {
  readonly head: readonly TableColumn[];
  readonly settings: readonly TableColumn[];
  readonly measured: readonly (readonly TableColumn[])[];
}

/** The first metric has its place, then what differs as far as there is room, then the other metrics. */
function fit(
  { head, settings, measured }: Parts,
  width: number,
): { columns: TableColumn[]; settings: number; metrics: number } {
  const [first = [], ...others] = measured;
  const shown: TableColumn[] = [];
  for (const setting of settings) {
    const most = others.length > 0 ? Math.max(width * SHARE, width - totalWidth(measured.flat()) - 2) : width;
    const tooWide =
      totalWidth([...head, ...shown, setting]) > most || totalWidth([...head, ...shown, setting, ...first]) > width;
    if (shown.length > 0 && tooWide) break;
    shown.push(setting);
  }
  const columns = [...head, ...shown, ...first];
  let metrics = Math.min(1, measured.length);
  for (const next of others) {
    if (totalWidth([...columns, ...next]) > width) break;
    columns.push(...next);
    metrics++;
  }
  return { columns, settings: shown.length, metrics };
}

function labelOf({ label, runs }: ComparedRow): string {
  if (runs.length <= RUNS_NAMED) return label;
  return `${runs[0]!.label}, ${runs[1]!.label} … (${runs.length})`;
}

function isNumeric(rows: readonly ComparedRow[], column: number): boolean {
  return rows.every(({ settings }) => ['number', 'undefined'].includes(typeof settings[column]));
}

const NAMED = 6;

function namesOf(noun: string, names: readonly string[]): string {
  const more = names.length > NAMED ? ` and ${names.length - NAMED} more` : '';
  return `${countOf(names.length, noun)} (${names.slice(0, NAMED).join(', ')}${more})`;
}

function remarks({ grouped, rows, leftOut, experiments, plot }: Comparison, hidden: readonly string[]): string[] {
  const total = rows.length + leftOut;
  const uncounted = rows.reduce((sum, { runs, n }) => sum + runs.length - n, 0);
  return [
    ...(grouped ? ['Mean ± sample standard deviation (n - 1) over the runs of a row.'] : []),
    ...(uncounted > 0 ? [`${countOf(uncounted, 'run')} not finished and not counted: --unfinished counts them.`] : []),
    ...(leftOut > 0 ? [`${countOf(leftOut, 'row')} more: left out by --top.`] : []),
    ...(!grouped && experiments < total
      ? [
          `Some of them differ in their seeds at most: --group-by shows ${countOf(experiments, 'experiment')}, with mean and deviation.`,
        ]
      : []),
    ...(hidden.length > 0
      ? [`Not shown: ${hidden.join(', ')}. --metric NAME and --values last choose; --csv has all.`]
      : []),
    ...(plot === null ? [] : [describePlot(plot)]),
  ];
}

export function describePlot({ file, curves, leftOut }: NonNullable<Comparison['plot']>): string {
  const more = leftOut > 0 ? ` (${leftOut} more are not drawn: --sort and --top choose)` : '';
  return `Plot of ${countOf(curves, 'curve')}: ${file}${more}`;
}
