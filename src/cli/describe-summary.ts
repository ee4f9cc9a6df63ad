/** The summary that a training run ends with, for people. */
import { relative } from 'node:path';
import type { FirstLastMetric } from '../run';
import type { TrainSummary } from '../jobs';
import { formatDuration } from './progress';
import { formatTable, tableWidth } from './table';

const DIGITS = 4;

/** Metrics of the test split that tell at a glance what a run has learned; the rest is in the run directory. */
const AT_A_GLANCE: readonly (readonly [string, string])[] = [
  ['test/iou/by_img_no_bg', 'IoU'],
  ['test/dice/by_img_no_bg', 'Dice'],
  ['test/fg_ari', 'FG-ARI'],
  ['vqa/ap', 'Questions, AP'],
  ['knn/vqa/map', 'Nearest neighbours, mAP'],
];

/** A path as one would type it here. */
export function shorten(path: string, cwd: string): string {
  const short = relative(cwd, path);
  return short.startsWith('..') ? path : short;
}

function headline({ status, epochs, steps, sessionSteps, seconds, imagesPerSecond }: TrainSummary): string {
  const done = `${count(epochs, 'epoch')}, ${count(steps, 'step')}`;
  if (sessionSteps === 0) return `Nothing left to train: ${done} are done`;
  const session = sessionSteps === steps ? '' : ` (${sessionSteps} of them now)`;
  const verb = status === 'finished' ? 'Trained' : 'Stopped after';
  return `${verb} ${done}${session} in ${formatDuration(seconds)}, ${imagesPerSecond.toFixed(0)} images/s in training`;
}

export function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}

function firstLastTable(heading: string, values: readonly (readonly [string, FirstLastMetric])[]): string[] {
  if (values.length === 0) return [];
  const rows = values.map(([name, { first, last }]) => [name, first?.toFixed(DIGITS) ?? '-', last.toFixed(DIGITS)]);
  return [formatTable([heading, 'FIRST EPOCH', 'LAST EPOCH'], rows, tableWidth()), ''];
}

/** The last figure of each sort: they differ by the number of the epoch. */
function newest(figures: readonly string[]): string[] {
  return [...new Map(figures.map((path) => [path.replace(/\d+\.png$/, ''), path])).values()];
}

export function describeSummary(
  summary: TrainSummary,
  evaluations: Readonly<Record<string, FirstLastMetric>>,
  figures: readonly string[],
  cwd = process.cwd(),
): string {
  const { status, losses, skippedRecords } = summary;
  const runDir = shorten(summary.runDir, cwd);
  const glance = AT_A_GLANCE.flatMap(([metric, name]) => {
    const values = evaluations[metric];
    return values === undefined ? [] : [[name, values] as const];
  });
  const lines = [
    '',
    headline(summary),
    '',
    ...firstLastTable('LOSS', Object.entries(losses)),
    ...firstLastTable('TEST', glance),
    ...(skippedRecords > 0 ? [`Left out    ${count(skippedRecords, 'broken record')}: see train.log`] : []),
    `Run         ${runDir}`,
    `Checkpoint  ${shorten(summary.checkpoint, cwd)}`,
    ...newest(figures).map((figure) => `Figure      ${shorten(figure, cwd)}`),
    ...(status === 'stopped' ? [`Go on with  osc train --resume ${runDir}`] : []),
  ];
  return lines.join('\n');
}
