/** Contract of a sweeper: which jobs a sweep has. */

/** Jobs that a sweep may have, all proposals together. */
export const MAX_SWEEP_JOBS = 10_000;

/** A value of a config key. */
export type SweptValue =
  string | number | boolean | null | readonly SweptValue[] | { readonly [key: string]: SweptValue };

/** A range of numbers to search in. */
export interface SearchInterval {
  readonly low: number;
  readonly high: number;
  /** Drawn evenly in the logarithm: both ends are above 0. */
  readonly log: boolean;
  /** Whole numbers only, both ends among them. */
  readonly integer: boolean;
}

/** One of the overrides of a sweep that give several values, in the order they were written in. */
export interface SearchDimension {
  /** As it was written: `model.obj_fn.num_iters`, `losses`, `seeds`. */
  readonly key: string;
  /** The values to choose of, in their order; undefined where there is an {@link interval}. */
  readonly choices?: readonly SweptValue[];
  readonly interval?: SearchInterval;
  /** Words that a user gave with `tag(WORD, …)`; `log` is in {@link SearchInterval.log}. */
  readonly tags: readonly string[];
}

/** A job of the sweep that has ended. */
export interface Trial {
  readonly number: number;
  /** One for each dimension, in their order. */
  readonly values: readonly SweptValue[];
  readonly state: 'finished' | 'stopped' | 'failed';
  /** Reads the last value of each metric, by name: losses, and what evaluators measured. @throws UsageError where the run is damaged or gone */
  metrics(): Promise<Readonly<Record<string, number>>>;
}

/** Kind `sweeper`. Its constructor may ask for `OPTIONS`, `LOGGER` and `RANDOM`. */
export interface Sweeper {
  /** @throws UsageError for a dimension that it cannot search, before any job starts */
  check?(space: readonly SearchDimension[]): void;
  /**
   * The jobs to run next, each with a value for every dimension. First called without trials, and again when those jobs have ended,
   * with all trials so far; none means that the search is over. The same trials give the same jobs: a sweep that is resumed asks anew.
   * No two jobs are the same, and all together they are at most {@link MAX_SWEEP_JOBS}. Without a dimension there is one job, of no values.
   */
  propose(
    space: readonly SearchDimension[],
    trials: readonly Trial[],
  ): readonly (readonly SweptValue[])[] | Promise<readonly (readonly SweptValue[])[]>;
}
