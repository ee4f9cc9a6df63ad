/** The summary that a training run ends with, for people. */
import { relative } from 'node:path';
import type { FirstLastMetric } from '../run';
import type { FinishedTraining, TrainSummary } from '../jobs';
import { countOf } from '../util/text';
import { describeRecord } from './metric-table';
import { formatDuration } from './progress';
import { formatTable, tableWidth } from './table';

const DIGITS = 4;

/** A path as one would type it here. */
export function shorten(path: string, cwd: string): string {
  const short = relative(cwd, path);
  return short.startsWith('..') ? path : short;
}

function headline({ status, epochs, steps, sessionSteps, seconds, imagesPerSecond }: TrainSummary): string {
  const done = `${countOf(epochs, 'epoch')}, ${countOf(steps, 'step')}`;
  if (sessionSteps === 0) return `Nothing left to train: ${done} are done`;
  const session = sessionSteps === steps ? '' : ` (${sessionSteps} of them now)`;
  const verb = status === 'finished' ? 'Trained' : 'Stopped after';
  return `${verb} ${done}${session} in ${formatDuration(seconds)}, ${imagesPerSecond.toFixed(0)} images/s in training`;
}

function firstLastTable(heading: string, values: readonly (readonly [string, FirstLastMetric])[]): string[] {
  if (values.length === 0) return [];
  const rows = values.map(([name, { first, last }]) => [name, first?.toFixed(DIGITS) ?? '-', last.toFixed(DIGITS)]);
  return [formatTable([heading, 'FIRST EPOCH', 'LAST EPOCH'], rows, tableWidth()), ''];
}

/** What tells at a glance what the run has learned, as the evaluators say; the rest is in the run directory. */
function headlines(
  evaluations: Readonly<Record<string, FirstLastMetric>>,
): (readonly [label: string, values: FirstLastMetric])[] {
  return Object.values(evaluations).flatMap((values) => {
    const { description } = values;
    if (description?.headline !== true) return [];
    // people take a metric of a test to be better where it is higher
    const label = description.better === 'lower' ? `${description.label} (lower is better)` : description.label;
    return [[label, values] as const];
  });
}

/** The last figure of each sort: they differ by the number of the epoch. */
function newest(figures: readonly string[]): string[] {
  return [...new Map(figures.map((path) => [path.replace(/\d+\.png$/, ''), path])).values()];
}

export function describeSummary(
  summary: TrainSummary,
  { evaluations, tests }: Pick<FinishedTraining, 'evaluations' | 'tests'>,
  figures: readonly string[],
  cwd = process.cwd(),
): string {
  const { status, losses, skippedRecords } = summary;
  const runDir = shorten(summary.runDir, cwd);
  const lines = [
    '',
    headline(summary),
    ...(summary.stopReason === null ? [] : [`Ended early: ${summary.stopReason}`]),
    '',
    ...firstLastTable('LOSS', Object.entries(losses)),
    ...firstLastTable('TEST', headlines(evaluations)),
    ...tests.flatMap((record) => describeRecord(record)),
    ...(skippedRecords > 0 ? [`Left out    ${countOf(skippedRecords, 'broken record')}: see train.log`] : []),
    `Run         ${runDir}`,
    `Checkpoint  ${shorten(summary.checkpoint, cwd)}`,
    ...newest(figures).map((figure) => `Figure      ${shorten(figure, cwd)}`),
    ...(status === 'stopped' ? [`Go on with  osc train --resume ${runDir}`] : []),
  ];
  return lines.join('\n');
}
