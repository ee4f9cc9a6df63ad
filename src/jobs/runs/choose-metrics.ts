/** Which metrics of many runs are looked at, and what they are called. */
import type { RunMetric } from '../../run';
import { UsageError } from '../../sdk/errors';
import { didYouMean } from '../../util/near-names';
import type { NamedRun } from './read-runs';

export interface ChosenMetric {
  /** As it is logged: `test/ari`. */
  readonly name: string;
  /** For people: `ARI`; the name where nobody says. */
  readonly label: string;
  /** Null where nobody says which values are. */
  readonly better: 'higher' | 'lower' | null;
}

/** Of all runs, each as its first run has it. */
function known(runs: readonly NamedRun[]): Map<string, RunMetric> {
  const metrics = new Map<string, RunMetric>();
  for (const run of runs) for (const [name, metric] of run.metrics) if (!metrics.has(name)) metrics.set(name, metric);
  return metrics;
}

const chosen = (name: string, { description }: RunMetric): ChosenMetric => ({
  name,
  label: description.label,
  better: description.better,
});

/** What tells at a glance what was learned, as evaluators say, and the losses of validation (of training where there are none). */
export function headMetrics(runs: readonly NamedRun[]): ChosenMetric[] {
  const metrics = [...known(runs)];
  const heads = metrics.filter(([, { description }]) => description.headline === true && description.baseline !== true);
  const losses = metrics.filter(([, { source }]) => source === 'loss');
  const validation = losses.filter(([name]) => name.endsWith('/val'));
  return [...heads, ...(validation.length > 0 ? validation : losses)].map(([name, metric]) => chosen(name, metric));
}

/** All but figures to compare others with, which training does not change. */
export function allMetrics(runs: readonly NamedRun[]): ChosenMetric[] {
  return [...known(runs)]
    .filter(([, { description }]) => description.baseline !== true)
    .map(([name, metric]) => chosen(name, metric));
}

/**
 * @param given the name of a metric, or its label in any case
 * @throws UsageError where no run has it
 */
export function findMetric(runs: readonly NamedRun[], given: string): ChosenMetric {
  const metrics = known(runs);
  const named = metrics.get(given);
  if (named !== undefined) return chosen(given, named);
  const labelled = [...metrics].find(
    ([, { description }]) => description.label.toLowerCase() === given.toLowerCase() && description.baseline !== true,
  );
  if (labelled !== undefined) return chosen(...labelled);
  const all = allMetrics(runs);
  const names = all.flatMap(({ name, label }) => (name === label ? [name] : [name, label]));
  const more = all.length > NAMED ? ` and ${all.length - NAMED} more` : '';
  const list = all.slice(0, NAMED).map(({ name }) => name);
  const why =
    didYouMean(given, names) ?? (list.length > 0 ? `There are ${list.join(', ')}${more}.` : 'None has any yet.');
  throw new UsageError(`No run here has a metric ${given}.`, why);
}

const NAMED = 12;
