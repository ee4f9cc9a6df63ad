/** `osc runs list`: what runs there are, how they are doing, and in what they differ. */
import type { RunState } from '../../run';
import { headMetrics, type ChosenMetric } from './choose-metrics';
import { differingKeys } from './differences';
import { readRuns, type BrokenRun, type NamedRun, type RunsInput } from './read-runs';

export type ListRunsInput = RunsInput;

export interface ListedRun {
  /** The end of its path: what tells it from the others, and what commands take. */
  readonly label: string;
  /** `logging.name` */
  readonly name: string;
  /** Absolute. */
  readonly folder: string;
  readonly state: RunState;
  /** What a failed run ended with. */
  readonly problem: string | null;
  /** ISO 8601 */
  readonly started: string | null;
  /** Of all its processes that ended in order. */
  readonly seconds: number | null;
  /** Finished, and asked for. */
  readonly epochs: number;
  readonly numEpochs: number | null;
  readonly steps: number;
  /** The last value of each head metric that it has, by name. */
  readonly metrics: Readonly<Record<string, number>>;
  /** By key: those in which the listed runs differ, and it has. */
  readonly differs: Readonly<Record<string, unknown>>;
  readonly tags: readonly string[];
  readonly notes: readonly string[];
}

export interface ListedRuns {
  /** The newest first. */
  readonly runs: readonly ListedRun[];
  readonly metrics: readonly ChosenMetric[];
  /** Keys in which they differ, with the end of each that tells it from others. */
  readonly keys: readonly { readonly key: string; readonly label: string }[];
  /** Told and left out. */
  readonly broken: readonly BrokenRun[];
}

/** @throws UsageError for a folder that is not there or has no run, and where no run can be read */
export async function listRuns(input: ListRunsInput): Promise<ListedRuns> {
  const { runs, broken } = await readRuns(input, 'osc runs list', 'ends');
  const sorted = [...runs].sort(newestFirst);
  const metrics = headMetrics(sorted);
  const keys = differingKeys(sorted);
  return {
    runs: sorted.map(
      ({ label, name, folder, state, problem, started, seconds, epochs, numEpochs, steps, ...run }, i) => ({
        ...{ label, name, folder, state, problem, started, seconds, epochs, numEpochs, steps },
        metrics: Object.fromEntries(
          metrics.flatMap((metric) => {
            const value = run.metrics.get(metric.name)?.last;
            return value === undefined ? [] : [[metric.name, value]];
          }),
        ),
        differs: Object.fromEntries(
          keys.flatMap(({ key, values }) => (values[i] === undefined ? [] : [[key, values[i]]])),
        ),
        tags: run.tags,
        notes: run.notes,
      }),
    ),
    metrics,
    keys: keys.map(({ key, label }) => ({ key, label })),
    broken,
  };
}

/** Those of a sweep, which may start at once, in the order of their numbers. */
function newestFirst(a: NamedRun, b: NamedRun): number {
  const [whenA, whenB] = [a.started ?? '', b.started ?? ''];
  if (whenA.slice(0, 16) !== whenB.slice(0, 16)) return whenA < whenB ? 1 : -1;
  return a.folder < b.folder ? -1 : 1;
}
