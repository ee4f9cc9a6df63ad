/** One optimizer step. */
import * as tf from '@tensorflow/tfjs-core';
import type { Mode, ModelOutputs, Module, NamedTensors, Optimizer } from '../sdk';
import { valueAndGradients } from './backward';
import { meanLosses, type LossValues, type WeightedLoss } from './objective';

/** What a step needs of a model. */
export interface TrainableModel extends Module {
  forward(images: tf.Tensor4D, mode: Mode): ModelOutputs;
}

/** What a step updates. */
export interface TrainingState {
  readonly model: TrainableModel;
  readonly losses: readonly WeightedLoss[];
  readonly optimizer: Optimizer;
}

/** A loss came out NaN or infinite. Nothing was updated. */
export class NonFiniteLossError extends Error {
  override readonly name = 'NonFiniteLossError';
  constructor(readonly losses: LossValues) {
    super(`Losses are ${JSON.stringify(losses)}.`);
  }
}

/**
 * Forward, losses, backward, update, in place.
 *
 * @param images `[2B, 3, H, W]`, A-major
 * @param learningRate of this step
 * @param mode with `training: true` and the index of this step
 * @param watch is shown the outputs of the forward pass; they are gone when it returns
 * @returns each loss before the update, unweighted, by key
 * @throws NonFiniteLossError before anything is updated
 */
export function trainStep(
  { model, losses, optimizer }: TrainingState,
  images: tf.Tensor4D,
  learningRate: number,
  mode: Mode,
  watch?: (outputs: ModelOutputs) => void,
): LossValues {
  const { values, gradients } = lossesAndGradients({ model, losses }, images, mode, watch);
  if (Object.values(values).some((value) => !Number.isFinite(value))) {
    tf.dispose([...gradients.values()]);
    throw new NonFiniteLossError(values);
  }
  optimizer.step(model.namedParameters(), gradients, learningRate);
  tf.dispose([...gradients.values()]);
  return values;
}

/**
 * Losses and the gradient of their weighted sum. The caller owns the gradients; a parameter that the losses do not
 * depend on has none.
 */
export function lossesAndGradients(
  { model, losses }: Pick<TrainingState, 'model' | 'losses'>,
  images: tf.Tensor4D,
  mode: Mode,
  watch?: (outputs: ModelOutputs) => void,
): { values: LossValues; gradients: NamedTensors } {
  const parameters = model.namedParameters();
  const parts = new Map<string, tf.Scalar>();
  const found = valueAndGradients(() => {
    const outputs = model.forward(images, mode);
    watch?.(outputs);
    const result = meanLosses(losses, outputs);
    for (const [key, part] of result.parts) parts.set(key, tf.keep(part));
    return result.total;
  }, [...parameters.values()]);
  found.value.dispose();
  const values: Record<string, number> = {};
  for (const [key, part] of parts) {
    values[key] = part.dataSync()[0]!;
    part.dispose();
  }
  const gradients = new Map<string, tf.Tensor>();
  [...parameters.keys()].forEach((name, i) => {
    const gradient = found.gradients[i];
    if (gradient) gradients.set(name, gradient);
  });
  return { values, gradients };
}
