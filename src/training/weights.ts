/** Reading and setting parameters. */
import * as tf from '@tensorflow/tfjs-core';
import type { NamedParameters } from '../sdk';

/**
 * Runs `body` with other values of the parameters, and puts back those they had, to the bit.
 *
 * @throws Error where a parameter has no other value
 */
export async function withWeights<T>(
  parameters: NamedParameters,
  weights: ReadonlyMap<string, tf.Tensor>,
  body: () => Promise<T>,
): Promise<T> {
  const missing = [...parameters.keys()].find((name) => !weights.has(name));
  if (missing !== undefined) throw new Error(`There are no other weights of ${missing}.`);
  const own = new Map(Array.from(parameters, ([name, variable]) => [name, tf.clone(variable)]));
  try {
    for (const [name, variable] of parameters) variable.assign(weights.get(name)!);
    return await body();
  } finally {
    for (const [name, variable] of parameters) variable.assign(own.get(name)!);
    tf.dispose([...own.values()]);
  }
}
