/** What would be removed, or was, for people. */
import { basename } from 'node:path';
import type { PrunedRun, PrunedRuns } from '../jobs';
import { countOf } from '../util/text';
import { alignTable } from './aligned-table';
import { formatBytes } from './format-bytes';

/** @param withTable false: the runs were told of before */
export function describePrune({ runs, checkpoints, bytes, done, lookedAt }: PrunedRuns, withTable = true): string {
  const freed = runs.filter(({ removed }) => removed.length > 0);
  const remarks = runs.flatMap(({ label, skipped, remark }) => {
    const said = skipped ?? remark;
    return said === null ? [] : [`${label}: ${said}`];
  });
  const sum =
    checkpoints === 0
      ? `Nothing to remove in ${countOf(lookedAt, 'run')}.`
      : `${done ? 'Removed' : 'Would remove'} ${countOf(checkpoints, 'checkpoint')} of ${countOf(freed.length, 'run')}: ${formatBytes(bytes)}.`;
  return [...(withTable && freed.length > 0 ? [tableOf(freed), ''] : []), ...remarks, sum].join('\n');
}

function tableOf(runs: readonly PrunedRun[]): string {
  const names = (paths: readonly string[]): string => paths.map((path) => basename(path)).join(', ') || '-';
  return alignTable(
    [
      { header: 'RUN', cells: runs.map(({ label }) => label) },
      { header: 'FREES', cells: runs.map((run) => formatBytes(bytesOf(run))), right: true },
      { header: 'REMOVED', cells: runs.map(({ removed }) => String(removed.length)), right: true },
    ],
    { header: 'KEPT', cells: runs.map(({ kept }) => names(kept)) },
  );
}

const bytesOf = ({ removed }: PrunedRun): number => removed.reduce((sum, { bytes }) => sum + bytes, 0);
