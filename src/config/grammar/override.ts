import type { SearchInterval } from '../../sdk/contracts/sweeper';
import type { Value } from '../value';

/** `key=value`, `+key=value`, `++key=value`, `~key`. */
export type Operation = 'set' | 'add' | 'force' | 'delete';

/** A value as it was written. */
export interface Typed {
  readonly value: Value;
  /** A number that was written as a fraction, though it may be whole: in text it stays `1.0`. */
  readonly float?: true;
}

/** One of several values. */
export interface Choice extends Typed {
  /** How it was written, or prints where a function gives it: read again it is the same. */
  readonly text: string;
}

/** `1,2`, `choice(1,2)`, `range(3)`. */
export interface ChoiceSweep {
  readonly kind: 'choices';
  readonly choices: readonly Choice[];
  /** Words of `tag(WORD, …)`. */
  readonly tags: readonly string[];
}

/** `interval(0,1)`. */
export interface IntervalSweep {
  readonly kind: 'interval';
  readonly interval: SearchInterval;
  /** But for `log`, which is in the interval. */
  readonly tags: readonly string[];
}

/** `glob(*)`: those choices of the config group that match a pattern. */
export interface GlobSweep {
  readonly kind: 'glob';
  readonly include: readonly string[];
  readonly exclude: readonly string[];
}

/** What several jobs are to try. */
export type Sweep = ChoiceSweep | IntervalSweep | GlobSweep;

/** An override of the command line, read but not yet applied. */
export interface Override {
  /** As it was written. */
  readonly text: string;
  readonly operation: Operation;
  /** Dotted key or group (`model.backbone.mlp_ratio`, `model/obj_queries`). */
  readonly key: string;
  /** The package of `group@package=name`. */
  readonly package?: string;
  /** Undefined for `~key` without a value and for a {@link sweep}. */
  readonly value?: Value;
  /** The value is a number that was written as a fraction, though it may be whole: in text it stays `1.0`. */
  readonly float?: true;
  /** In the place of a value: what the jobs of a sweep are to try. */
  readonly sweep?: Sweep;
}

export const PREFIXES: Readonly<Record<Operation, string>> = { set: '', add: '+', force: '++', delete: '~' };
