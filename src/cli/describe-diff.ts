/** What differs between two runs, for people. */
import { relative } from 'node:path';
import type { DiffedKey, DiffedMetric, DiffedRun, RunsDiff } from '../jobs';
import { numberText, valueText } from '../util/table-text';
import { shortenText } from '../util/text';
import { alignTable, fullWidth, widthOf, type TableColumn } from './aligned-table';
import { formatTime } from './describe-runs';
import { formatDuration } from './progress';

export function describeDiff({ a, b, config, environment, metrics }: RunsDiff, cwd = process.cwd()): string {
  return [
    ...aboutLines('A', a, cwd),
    ...aboutLines('B', b, cwd),
    '',
    config.length === 0 ? 'Their configs are the same.' : configTable(config),
    '',
    environment.length === 0
      ? 'Nothing that is recorded of versions, engine and machine differs.'
      : alignTable([
          { header: 'ENVIRONMENT', cells: environment.map(({ what }) => what) },
          { header: 'A', cells: environment.map((one) => one.a) },
          { header: 'B', cells: environment.map((one) => one.b) },
        ]),
    ...(metrics.length === 0 ? ['', 'Neither has a metric yet.'] : ['', metricTable(metrics)]),
  ].join('\n');
}

function aboutLines(name: string, run: DiffedRun, cwd: string): string[] {
  const { folder, state, epochs, steps, started, seconds } = run;
  const took = seconds === null ? '' : ` in ${formatDuration(seconds)}`;
  const path = relative(cwd, folder);
  const told = `${state}, epochs: ${epochs}, steps: ${steps}${took}, started ${formatTime(started)}`;
  return [`${name}  ${path.startsWith('..') || path === '' ? folder : path}`, `   ${told}`];
}

const MAX_VALUE = 60;

/** The origin of a value stands below the row where there is no room beside it. */
function configTable(config: readonly DiffedKey[]): string {
  const value = (one: unknown): string => shortenText(valueText(one), MAX_VALUE);
  const columns: TableColumn[] = [
    { header: 'KEY', cells: config.map(({ key }) => key) },
    { header: 'A', cells: config.map(({ a }) => value(a)) },
    { header: 'B', cells: config.map(({ b }) => value(b)) },
  ];
  const origins = config.map(({ originA, originB }) =>
    originA === originB || originB === null
      ? (originA ?? '-')
      : originA === null
        ? originB
        : `A: ${originA}; B: ${originB}`,
  );
  return alignTable(columns, { header: 'FROM', cells: origins });
}

/** With those that differ first. */
function metricTable(metrics: readonly DiffedMetric[]): string {
  const last = (one: DiffedMetric['a']): string => (one === null ? '-' : numberText(one.last));
  const best = (one: DiffedMetric['a']): string => (one?.best == null ? '-' : numberText(one.best.value));
  const arrow = { higher: ' ↑', lower: ' ↓' };
  const columns: TableColumn[] = [
    { header: 'METRIC', cells: metrics.map(({ name, better }) => `${name}${better === null ? '' : arrow[better]}`) },
    { header: 'LAST A', cells: metrics.map(({ a }) => last(a)), right: true },
    { header: 'LAST B', cells: metrics.map(({ b }) => last(b)), right: true },
    {
      header: 'B - A',
      cells: metrics.map(({ difference }) => (difference === null ? '-' : signed(difference))),
      right: true,
    },
    { header: 'BEST A', cells: metrics.map(({ a }) => best(a)), right: true },
    { header: 'BEST B', cells: metrics.map(({ b }) => best(b)), right: true },
  ];
  const wide = columns.reduce((sum, column) => sum + widthOf(column) + 2, 0) > fullWidth();
  return alignTable(wide ? columns.slice(0, 4) : columns);
}

const signed = (value: number): string => (value > 0 ? `+${numberText(value)}` : numberText(value));
