/** The training objective: the weighted sum of the chosen losses. */
import * as tf from '@tensorflow/tfjs-core';
import type { Loss, ModelOutputs } from '../sdk';

/** One chosen loss; `key` is its key under `losses` and its name in metrics. */
export interface WeightedLoss {
  readonly key: string;
  readonly loss: Loss;
  readonly weight: number;
}

/** Loss values by key. */
export type LossValues = Readonly<Record<string, number>>;

/**
 * Total of the losses' means, `sum of weight * loss`, and each of them unweighted.
 * (reference: `run_train_epoch` in src/osc/train.py)
 */
export function meanLosses(
  losses: readonly WeightedLoss[],
  outputs: ModelOutputs,
): { total: tf.Scalar; parts: Map<string, tf.Scalar> } {
  const parts = new Map<string, tf.Scalar>();
  let total = tf.scalar(0);
  for (const { key, loss, weight } of losses) {
    const value = loss.compute(outputs, 'mean') as tf.Scalar;
    parts.set(key, value);
    total = tf.add(total, tf.mul(weight, value));
  }
  return { total, parts };
}
