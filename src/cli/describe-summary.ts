/** The summary that a training run ends with, for people. */
import { relative } from 'node:path';
import type { TrainSummary } from '../training';
import { formatDuration } from './progress';
import { formatTable, tableWidth } from './table';

const DIGITS = 4;

/** A path as one would type it here. */
function shorten(path: string, cwd: string): string {
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

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}

export function describeSummary(summary: TrainSummary, figures: readonly string[], cwd = process.cwd()): string {
  const { status, losses } = summary;
  const runDir = shorten(summary.runDir, cwd);
  const rows = Object.entries(losses).map(([name, { first, last }]) => [
    name,
    first.toFixed(DIGITS),
    last.toFixed(DIGITS),
  ]);
  const figure = figures.at(-1);
  const lines = [
    '',
    headline(summary),
    '',
    ...(rows.length > 0 ? [formatTable(['LOSS', 'FIRST EPOCH', 'LAST EPOCH'], rows, tableWidth()), ''] : []),
    `Run         ${runDir}`,
    `Checkpoint  ${shorten(summary.checkpoint, cwd)}`,
    ...(figure === undefined ? [] : [`Figure      ${shorten(figure, cwd)}`]),
    ...(status === 'stopped' ? [`Go on with  osc train --resume ${runDir}`] : []),
  ];
  return lines.join('\n');
}
