/** Whether a replay gave the weights of its run, for people. */
import type { ReplayComparison } from '../jobs';
import { countOf, printable } from '../util/text';
import { formatTable, tableWidth } from './table';

/** Exit code of a replay that gave other weights. */
export const UNEQUAL_EXIT_CODE = 3;

/** The rest is in `--json`. */
const TENSORS_SHOWN = 5;

/** @param comparison null for a replay that was stopped */
export function describeReplay(comparison: ReplayComparison | null): string {
  if (comparison === null) return '\nNot compared: the replay was stopped.';
  const { equal, tensors, differences, original } = comparison;
  const all = `${countOf(tensors, 'tensor')} of model, losses and optimizer`;
  if (equal) return `\nEqual to the bit: ${all} are those of ${original}.`;
  return [
    '',
    `NOT EQUAL: ${differences.length} of ${all} are not those of ${original}.`,
    ...stepLine(comparison),
    ...lossLine(comparison),
    ...tensorTable(comparison),
    ...environmentTable(comparison),
  ].join('\n');
}

function stepLine({ positions: { original, replay } }: ReplayComparison): string[] {
  if (original.step === replay.step && original.epoch === replay.epoch) return [];
  return [
    `It took ${countOf(replay.step, 'step')} in ${countOf(replay.epoch, 'epoch')}; the run ${original.step} in ${original.epoch}.`,
  ];
}

function lossLine({ firstLoss }: ReplayComparison): string[] {
  if (firstLoss === null) return ['The losses of all epochs are the same.'];
  const { epoch, metric, original, replay } = firstLoss;
  return [`The first loss that differs is ${metric} of epoch ${epoch}: ${replay ?? '-'}, and was ${original ?? '-'}.`];
}

function tensorTable({ differences }: ReplayComparison): string[] {
  if (differences.length === 0) return [];
  const rows = differences
    .slice(0, TENSORS_SHOWN)
    .map(({ part, name, values }) => [
      values === null ? '-' : `${values.differing} of ${values.count}`,
      values === null ? 'not in both, or of another shape' : values.largest.toPrecision(3),
      printable(`${part} ${name}`),
    ]);
  const more = differences.length - rows.length;
  const table = formatTable(['VALUES THAT DIFFER', 'LARGEST DIFFERENCE', 'TENSOR'], rows, tableWidth());
  return ['', table, ...(more > 0 ? [`and ${more} more: see --json`] : [])];
}

function environmentTable({ environment }: ReplayComparison): string[] {
  if (environment.length === 0) {
    return [
      '',
      'Nothing that is recorded of the environment differs: the data may, code that is not committed, or the files of the run.',
    ];
  }
  const rows = environment.map(({ what, original, replay }) => [what, original, replay].map(printable));
  return ['', formatTable(['ENVIRONMENT', 'OF THE RUN', 'NOW'], rows, tableWidth())];
}
