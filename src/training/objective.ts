/** The training objective: the weighted sum of the chosen losses. */
import * as tf from '@tensorflow/tfjs-core';
import {
  isReportedError,
  Module,
  type BatchOutputs,
  type Loss,
  type LossInputs,
  type LossTerm,
  type MaskSource,
  type Reduction,
} from '../sdk';
import { PluginError } from '../sdk/errors';

/** One chosen loss; `key` is its key under `losses` and its name in metrics. */
export interface WeightedLoss extends LossTerm {
  readonly key: string;
  readonly loss: Loss;
  /** Package of a third party; null for a loss of the box, whose errors are bugs of osc. */
  readonly packageName: string | null;
}

/** Loss values by key. */
export type LossValues = Readonly<Record<string, number>>;

/** What the losses say of a batch; the tensors are the caller's. */
export interface ObjectiveValues {
  /** `sum of weight * loss` */
  readonly total: tf.Scalar;
  /** Each loss, unweighted, by key. */
  readonly losses: ReadonlyMap<string, tf.Scalar>;
  /** What losses log besides, by `KEY/NAME`. */
  readonly metrics: ReadonlyMap<string, tf.Scalar | number>;
}

/** All losses of a run. Their own parameters are `losses.KEY.NAME`. */
export class Objective extends Module {
  readonly terms: ReadonlyMap<string, WeightedLoss>;

  constructor(losses: readonly WeightedLoss[]) {
    super();
    this.terms = new Map(losses.map((term) => [term.key, term]));
    for (const { key, loss } of losses) if (loss instanceof Module) this.child(`losses.${key}`, loss);
  }

  /** Losses that offer masks of slots. */
  get maskSources(): MaskSource[] {
    return [...this.terms.values()].flatMap(({ key, loss }) => {
      if (loss.masks === undefined) return [];
      const source: MaskSource = { name: key, masks: (batch) => loss.masks!(batch) };
      return loss.reconstruct === undefined ? source : { ...source, reconstruct: (batch) => loss.reconstruct!(batch) };
    });
  }

  /** Total of the losses' means, and each of them. (reference: `run_train_epoch` in src/osc/train.py) */
  means(batch: BatchOutputs): ObjectiveValues {
    const losses = new Map<string, tf.Scalar>();
    const metrics = new Map<string, tf.Scalar | number>();
    let total = tf.scalar(0);
    for (const term of this.terms.values()) {
      const { key, weight } = term;
      const log = (name: string, value: tf.Scalar | number): void => void metrics.set(`${key}/${name}`, value);
      const value = lossOf(term, { ...batch, log }, 'mean') as tf.Scalar;
      losses.set(key, value);
      total = tf.add(total, tf.mul(weight, value));
    }
    return { total, losses, metrics };
  }
}

/** The value of one loss. @throws PluginError that names it for what a loss of a third party throws */
export function lossOf({ key, loss, packageName }: WeightedLoss, inputs: LossInputs, reduction: Reduction): tf.Tensor {
  try {
    return loss.compute(inputs, reduction);
  } catch (error) {
    if (packageName === null || isReportedError(error)) throw error;
    const message = error instanceof Error ? error.message : String(error);
    throw new PluginError([packageName], `The loss losses.${key} of ${packageName} failed: ${message}`, error);
  }
}
