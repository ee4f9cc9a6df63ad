/** Assertions of the contract tests. They throw plain Errors, so that every runner can show them. */
import { isDeepStrictEqual } from 'node:util';
import type * as tf from '@tensorflow/tfjs-core';
import { shortenText } from '../../util/text';

export function assert(condition: boolean, message: string): asserts condition {
  if (!condition) throw new Error(message);
}

export function assertEqual(actual: unknown, expected: unknown, what: string): void {
  assert(isDeepStrictEqual(actual, expected), `${what}: expected ${show(expected)}, got ${show(actual)}.`);
}

function show(value: unknown): string {
  return shortenText(JSON.stringify(value) ?? String(value), 200);
}

export function assertShape(tensor: tf.Tensor, shape: readonly number[], what: string): void {
  assert(
    tensor !== null && typeof tensor === 'object' && Array.isArray(tensor.shape),
    `${what} should be a tensor, not ${String(tensor)}.`,
  );
  assertEqual(tensor.shape, [...shape], `The shape of ${what}`);
}

/** @throws Error with the place of the first value that is not finite */
export function assertFinite(tensor: tf.Tensor, what: string): void {
  const values = tensor.dataSync();
  const bad = values.findIndex((value) => !Number.isFinite(value));
  assert(bad === -1, `${what} is not finite: value ${bad} of ${values.length} is ${values[bad]}.`);
}

/** Equal to the bit. */
export function assertSame(a: tf.Tensor, b: tf.Tensor, what: string, circumstances: string): void {
  assertShape(b, a.shape, what);
  const [left, right] = [a.dataSync(), b.dataSync()];
  const differs = left.findIndex((value, i) => !Object.is(value, right[i]));
  assert(
    differs === -1,
    `${what} differs ${circumstances}: value ${differs} of ${left.length} is ${left[differs]}, then ${right[differs]}.`,
  );
}

/** Runs `body` and returns what it throws, or null. */
export function thrownBy(body: () => unknown): unknown {
  try {
    body();
    return null;
  } catch (error) {
    return error;
  }
}
