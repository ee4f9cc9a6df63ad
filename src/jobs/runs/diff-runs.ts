/** `osc runs diff`: all in which two runs differ. */
import { compareEnvironments, findOneRun, type RunMetric, type RunState } from '../../run';
import { UsageError } from '../../sdk/errors';
import type { FolderInput } from '../input';
import { allMetrics, type ChosenMetric } from './choose-metrics';
import { allKeys } from './differences';
import { originsOf } from './key-origins';
import { readRuns, type NamedRun } from './read-runs';

export interface DiffRunsInput extends FolderInput {
  /** Runs: paths, names, or `latest`. */
  readonly a: string;
  readonly b: string;
}

export interface DiffedRun {
  /** What tells it from the other. */
  readonly label: string;
  /** Absolute. */
  readonly folder: string;
  readonly state: RunState;
  readonly started: string | null;
  readonly seconds: number | null;
  readonly epochs: number;
  readonly steps: number;
}

/** A key of the config; undefined and null of a run that has it not. */
export interface DiffedKey {
  readonly key: string;
  readonly a: unknown;
  readonly b: unknown;
  /** Where the value comes from: an override or a flag as it was typed, or in words what else there is. */
  readonly originA: string | null;
  readonly originB: string | null;
}

export interface DiffedMetric extends ChosenMetric {
  /** Null of a run that has it not. */
  readonly a: Pick<RunMetric, 'first' | 'last' | 'best'> | null;
  readonly b: Pick<RunMetric, 'first' | 'last' | 'best'> | null;
  /** Last value of b less that of a. */
  readonly difference: number | null;
}

export interface RunsDiff {
  readonly a: DiffedRun;
  readonly b: DiffedRun;
  readonly config: readonly DiffedKey[];
  /** Versions, engine, machine, commits, plugins. */
  readonly environment: readonly { readonly what: string; readonly a: string; readonly b: string }[];
  /** All that one of them has, but figures to compare others with. */
  readonly metrics: readonly DiffedMetric[];
}

/** @throws UsageError for what is no run, and a run that is damaged */
export async function diffRuns({ cwd = process.cwd(), a, b }: DiffRunsInput): Promise<RunsDiff> {
  const folders = [a, b].map((given) => findOneRun(cwd, given, 'osc runs diff'));
  if (folders[0] === folders[1]) throw new UsageError(`${a} and ${b} are the same run: ${folders[0]}.`);
  const { runs, broken } = await readRuns({ cwd, runs: folders }, 'osc runs diff', 'all');
  if (broken.length > 0) throw new UsageError('One of the runs cannot be read.', broken[0]!.problem);
  const [runA, runB] = runs as [NamedRun, NamedRun];
  const [ofA, ofB] = [originsOf(runA), originsOf(runB)];
  return {
    a: about(runA),
    b: about(runB),
    config: allKeys(runs).flatMap((key): DiffedKey[] => {
      const [valueA, valueB] = [valueOf(runA, key), valueOf(runB, key)];
      if (JSON.stringify(valueA) === JSON.stringify(valueB)) return [];
      const origins = {
        originA: valueA === undefined ? null : ofA(key),
        originB: valueB === undefined ? null : ofB(key),
      };
      return [{ key, a: valueA, b: valueB, ...origins }];
    }),
    environment: compareEnvironments(runA.sessions, runB.sessions).map(({ what, original, replay }) => ({
      ...{ what, a: original, b: replay },
    })),
    metrics: allMetrics(runs).map((metric) => {
      const [inA, inB] = [runA.metrics.get(metric.name), runB.metrics.get(metric.name)];
      const difference = inA === undefined || inB === undefined ? null : inB.last - inA.last;
      return { ...metric, a: ends(inA), b: ends(inB), difference };
    }),
  };
}

function about({ label, folder, state, started, seconds, epochs, steps }: NamedRun): DiffedRun {
  return { label, folder, state, started, seconds, epochs, steps };
}

function valueOf({ config, sessions }: NamedRun, key: string): unknown {
  return config.has(key) ? config.get(key) : key === 'init-from' ? sessions[0]?.initFrom?.checkpoint : undefined;
}

function ends(metric: RunMetric | undefined): DiffedMetric['a'] {
  return metric === undefined ? null : { first: metric.first, last: metric.last, best: metric.best };
}
