import type { Value } from '../value';

/** `key=value`, `+key=value`, `++key=value`, `~key`. */
export type Operation = 'set' | 'add' | 'force' | 'delete';

/** A value as it was written. */
export interface Typed {
  readonly value: Value;
  /** A number that was written as a fraction, though it may be whole: in text it stays `1.0`. */
  readonly float?: true;
}

/** An override of the command line, read but not yet applied. */
export interface Override {
  /** As it was written. */
  readonly text: string;
  readonly operation: Operation;
  /** Dotted key or group (`model.backbone.mlp_ratio`, `model/obj_queries`). */
  readonly key: string;
  /** The package of `group@package=name`. */
  readonly package?: string;
  /** Undefined for `~key` without a value and for choices. */
  readonly value?: Value;
  /** The value is a number that was written as a fraction, though it may be whole: in text it stays `1.0`. */
  readonly float?: true;
  /** Choices of a sweep, in order: `a=1,2`, `choice(1,2)`, `range(3)`. */
  readonly choices?: readonly Value[];
}

export const PREFIXES: Readonly<Record<Operation, string>> = { set: '', add: '+', force: '++', delete: '~' };
