/** How far results are from recorded ones (docs/reference.md, "How exact"). */
import type * as tf from '@tensorflow/tfjs-core';
import type { FixtureTensor } from './fixture';

/** One comparison. It holds when `error <= tolerance`; NaN is no error that holds. */
export interface Check {
  /** What was compared: a tensor's name in the fixture. */
  readonly what: string;
  readonly error: number;
  readonly tolerance: number;
}

type Values = ArrayLike<number>;

export function holds({ error, tolerance }: Check): boolean {
  return error <= tolerance;
}

/** The check that comes closest to its tolerance, or exceeds it the most. */
export function worstOf(checks: readonly Check[]): Check | undefined {
  const badness = ({ error, tolerance }: Check): number =>
    error === 0 ? 0 : Number.isNaN(error) ? Infinity : error / tolerance;
  return checks.reduce<Check | undefined>(
    (worst, check) => (worst === undefined || badness(check) > badness(worst) ? check : worst),
    undefined,
  );
}

export function largest(values: Values): number {
  let max = 0;
  for (let i = 0; i < values.length; i++) max = Math.max(max, Math.abs(values[i]!));
  return max;
}

/** Largest difference. The same NaN or infinity on both sides is no difference; on one side it is an infinite one. */
export function difference(actual: Values, expected: Values): number {
  if (actual.length !== expected.length) throw new Error(`${actual.length} values instead of ${expected.length}.`);
  let max = 0;
  for (let i = 0; i < expected.length; i++) {
    const [a, e] = [actual[i]!, expected[i]!];
    if (Object.is(a, e) || a === e) continue;
    const d = Math.abs(a - e);
    max = Math.max(max, Number.isFinite(d) ? d : Infinity);
  }
  return max;
}

/**
 * Largest difference relative to the largest expected value, or to `floor` where that is larger. Where both are 0 it is
 * the difference itself.
 */
export function relative(what: string, actual: Values, expected: Values, tolerance: number, floor = 0): Check {
  const finite = Array.from(expected).filter(Number.isFinite);
  const scale = Math.max(largest(finite), floor);
  return { what, error: difference(actual, expected) / (scale === 0 ? 1 : scale), tolerance };
}

/** Largest difference. */
export function absolute(what: string, actual: Values, expected: Values, tolerance: number): Check {
  return { what, error: difference(actual, expected), tolerance };
}

/** Number of values that differ; none may. */
export function exact(what: string, actual: Values, expected: Values): Check {
  if (actual.length !== expected.length)
    throw new Error(`${what}: ${actual.length} values instead of ${expected.length}.`);
  let error = 0;
  for (let i = 0; i < expected.length; i++) if (!Object.is(actual[i]! + 0, expected[i]! + 0)) error++;
  return { what, error, tolerance: 0 };
}

/** The values of a result, which must have the recorded shape. */
export function valuesLike(what: string, result: tf.Tensor, { shape }: FixtureTensor): Float32Array | Int32Array {
  if (result.shape.length !== shape.length || result.shape.some((length, axis) => length !== shape[axis])) {
    throw new Error(`${what} has shape [${result.shape}] instead of [${shape}].`);
  }
  return result.dataSync() as Float32Array | Int32Array;
}
