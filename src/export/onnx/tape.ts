/** What was computed in a forward pass, kernel by kernel. */
import type * as tf from '@tensorflow/tfjs-core';

/** A tensor of a tape, by its place in {@link Tape.values}. */
export type ValueId = number;

export interface TapeValue {
  readonly shape: readonly number[];
  readonly dtype: 'float32' | 'int32' | 'bool';
  /** The values, where they do not depend on the input: a weight, noise, and what was computed from these alone. */
  readonly constant: Float32Array | Int32Array | Uint8Array | null;
  /** Of a constant: the parameter that it is, maybe in another shape. */
  readonly parameter: string | null;
  /** The call that made it, by its place in {@link Tape.calls}; null for what was there, or made by no kernel. */
  readonly call: number | null;
}

export interface TapeCall {
  /** Of TensorFlow.js. */
  readonly kernel: string;
  /** By the kernel's own names, in their order; those of a list are named `0`, `1`, … */
  readonly inputs: readonly (readonly [name: string, value: ValueId])[];
  readonly attrs: tf.NamedAttrMap;
  readonly outputs: readonly ValueId[];
}

export interface Tape {
  /** The first is the input. */
  readonly values: readonly TapeValue[];
  readonly calls: readonly TapeCall[];
  readonly outputs: readonly (readonly [name: string, value: ValueId])[];
}
