/** Rows of a comparison: runs, or groups of runs that agree in some keys. */
import { UsageError } from '../../sdk/errors';
import { didYouMean } from '../../util/near-names';
import { summarise, type Summary } from '../results/statistics';
import { allKeys, differingKeys, keyOfRuns, shortKeys, type DifferingKey } from './differences';
import type { NamedRun } from './read-runs';

export interface RowGroup {
  readonly runs: readonly NamedRun[];
  /** One a column. */
  readonly settings: readonly unknown[];
}

export interface Grouping {
  readonly columns: readonly DifferingKey[];
  readonly rows: readonly RowGroup[];
}

/** A row each. */
export function everyRun(runs: readonly NamedRun[]): Grouping {
  const columns = differingKeys(runs);
  return { columns, rows: runs.map((run, i) => ({ runs: [run], settings: columns.map(({ values }) => values[i]) })) };
}

/**
 * @param keys the keys, or ends of keys, in which the runs of a group agree; null: all that differ but seeds
 * @throws UsageError for a key that no run has
 */
export function groupRows(runs: readonly NamedRun[], keys: readonly string[] | null): Grouping {
  const columns =
    keys === null ? differingKeys(runs).filter(({ isSeed }) => !isSeed) : keys.map((key) => findKey(runs, key));
  const groups = new Map<string, { runs: NamedRun[]; settings: unknown[] }>();
  runs.forEach((run, i) => {
    const settings = columns.map(({ values }) => values[i]);
    // what is not set is not null
    const id = JSON.stringify(settings.map((value) => (value === undefined ? [] : [value])));
    const group = groups.get(id) ?? { runs: [], settings };
    group.runs.push(run);
    groups.set(id, group);
  });
  return { columns, rows: [...groups.values()] };
}

function findKey(runs: readonly NamedRun[], given: string): DifferingKey {
  const whole = keyOfRuns(runs, given);
  if (whole !== undefined) return whole;
  const keys = allKeys(runs);
  const ending = keys.filter((key) => key.endsWith(`.${given}`));
  if (ending.length === 1) return keyOfRuns(runs, ending[0]!)!;
  if (ending.length > 1) {
    throw new UsageError(`The key ${given} is one of several.`, `There are ${ending.slice(0, 8).join(', ')}.`);
  }
  const names = [...keys, ...shortKeys(keys).values()];
  throw new UsageError(`No run here has a key ${given} in its config.`, didYouMean(given, names), [
    'osc config show    (has all keys)',
    'osc runs compare RUN... --group-by    (without keys it stands last)',
  ]);
}

/** Of the values that there are. */
export function summaryOf(values: readonly (number | undefined)[]): Summary | null {
  return summarise(values.filter((value) => value !== undefined));
}
