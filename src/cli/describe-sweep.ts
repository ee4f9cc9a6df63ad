/** How a sweep stands, for people. */
import type { SweepJobStatus, SweepStatus } from '../jobs';
import { shortenText } from '../util/text';
import { shorten } from './describe-summary';
import { formatDuration } from './progress';
import { describeCounts } from './sweep-display';
import { formatTable, tableWidth } from './table';

/** Of more jobs than this those that wait or are finished are not listed one by one. */
const MAX_ROWS = 60;

export function describeSweepStatus({ folder, launcher, status, jobs }: SweepStatus, all: boolean): string {
  const sweep = shorten(folder, process.cwd());
  const shown =
    all || jobs.length <= MAX_ROWS ? jobs : jobs.filter(({ state }) => state !== 'finished' && state !== 'waiting');
  const rows = shown.map((job) => [String(job.number), job.name, job.state, howFar(job), notes(job)]);
  const table =
    rows.length === 0 ? [] : [formatTable(['JOB', 'WHAT DIFFERS', 'STATE', 'EPOCHS', ''], rows, tableWidth()), ''];
  const hidden = jobs.length - shown.length;
  const next =
    status === 'failed' || status === 'stopped' ? [`Go on with  osc train --multirun --resume ${sweep}`] : [];
  return [
    ...table,
    `${describeCounts(jobs.map((job) => ({ job })))}${hidden > 0 ? ` (${hidden} not listed: --all)` : ''}`,
    `Sweep       ${sweep}, launcher ${launcher}`,
    ...next,
  ].join('\n');
}

function howFar({ progress, state }: SweepJobStatus): string {
  if (progress === null) return '-';
  return state === 'finished' ? `${progress.of}/${progress.of}` : `${progress.epochs.toFixed(1)}/${progress.of}`;
}

function notes({ progress, state, reason, attempts }: SweepJobStatus): string {
  const again = attempts > 1 ? [`attempt ${attempts}`] : [];
  if (state === 'running' && progress !== null) {
    const left = progress.secondsLeft === null ? [] : [`${formatDuration(progress.secondsLeft)} left`];
    return [...left, ...again, progress.losses].join(', ');
  }
  return [...again, ...(reason === null ? [] : [shortenText(reason.replace(/\s+/g, ' '), 200)])].join(', ');
}
