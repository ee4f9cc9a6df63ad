import * as tf from '@tensorflow/tfjs-core';
import type { NamedParameters, SavedTensor } from '../sdk';
import { checkWeights } from './check-weights';

/**
 * Replaces every parameter. Nothing is changed when names or shapes differ.
 *
 * @param source where the weights come from, for the message
 * @throws UsageError that lists wrong shapes, missing and unexpected names
 */
export function assignWeights(
  parameters: NamedParameters,
  weights: ReadonlyMap<string, SavedTensor>,
  source: string,
): void {
  checkWeights(parameters, weights, source);
  for (const [name, variable] of parameters) {
    const { data, shape } = weights.get(name)!;
    const value = tf.tensor(data, [...shape], 'float32');
    variable.assign(value);
    value.dispose();
  }
}
