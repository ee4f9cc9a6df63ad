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

export function describeSummary(summary: TrainSummary, figures: readonly string[], cwd = process.cwd()): string {
  const { status, epochs, steps, losses, imagesPerSecond, seconds } = summary;
  const runDir = shorten(summary.runDir, cwd);
  const rows = Object.entries(losses).map(([name, { first, last }]) => [
    name,
    first.toFixed(DIGITS),
    last.toFixed(DIGITS),
  ]);
  const figure = figures.at(-1);
  const lines = [
    '',
    `${status === 'finished' ? 'Trained' : 'Stopped after'} ${epochs} epochs, ${steps} steps in ` +
      `${formatDuration(seconds)}, ${imagesPerSecond.toFixed(0)} images/s in training`,
    '',
    ...(rows.length > 0 ? [formatTable(['LOSS', 'FIRST EPOCH', 'LAST EPOCH'], rows, tableWidth()), ''] : []),
    `Run         ${runDir}`,
    `Checkpoint  ${shorten(summary.checkpoint, cwd)}`,
    ...(figure === undefined ? [] : [`Figure      ${shorten(figure, cwd)}`]),
    ...(status === 'stopped' ? [`Go on with  osc train --resume ${runDir}`] : []),
  ];
  return lines.join('\n');
}
