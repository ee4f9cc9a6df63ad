/** One optimizer step. */
import * as tf from '@tensorflow/tfjs-core';
import type { Mode, ModelOutputs, Module, Optimizer } from '../sdk';
import { valueAndGradients } from './backward';
import { clipByNorm, globalNorm } from './gradient-norm';
import type { LossValues, Objective } from './objective';

/** What a step needs of a model. */
export interface TrainableModel extends Module {
  forward(images: tf.Tensor4D, mode: Mode): ModelOutputs;
}

/** What is trained. */
export interface Trained {
  readonly model: TrainableModel;
  readonly objective: Objective;
}

/** What a step updates. */
export interface TrainingState extends Trained {
  readonly optimizer: Optimizer;
}

/** One batch of a step. */
export interface StepBatch {
  /** `[2B, 3, H, W]`, A-major; made when its turn comes, freed afterwards. */
  readonly images: () => tf.Tensor4D;
  /** `training: true`, the index of the batch, and the share of training that is done. */
  readonly mode: Mode;
}

export interface StepOptions {
  readonly learningRate: number;
  /** Global norm that gradients are clipped to; null: they are not. */
  readonly clipGradNorm?: number | null;
  /** Is shown the outputs of each forward pass, and its images; they are gone when it returns. */
  readonly onForward?: (outputs: ModelOutputs, images: tf.Tensor4D) => void;
  /** May take gradients out and replace them; it disposes those. */
  readonly onGradients?: (gradients: Map<string, tf.Tensor>) => void;
}

export interface StepResult {
  /** Each loss before the update, unweighted, by key. */
  readonly losses: LossValues;
  /** What losses log besides, by `KEY/NAME`. */
  readonly metrics: LossValues;
  /** Of all gradients together, before clipping. */
  readonly gradNorm: number;
}

/** A loss came out NaN or infinite. Nothing was updated. */
export class NonFiniteLossError extends Error {
  override readonly name = 'NonFiniteLossError';
  constructor(
    readonly losses: LossValues,
    readonly batch: StepBatch,
  ) {
    super(`Losses are ${JSON.stringify(losses)}.`);
  }
}

/** All that is trained, by name. */
export function trainedParameters({ model, objective }: Trained): Map<string, tf.Variable> {
  return new Map([...model.namedParameters(), ...objective.namedParameters()]);
}

/**
 * Forward, losses, backward for each batch, then one update, in place. Gradients are those of the mean of the losses over the
 * batches, as with `(loss / n).backward()` for each in PyTorch.
 *
 * @throws NonFiniteLossError before anything is updated
 */
export function trainStep(state: TrainingState, batches: readonly StepBatch[], options: StepOptions): StepResult {
  const gradients = new Map<string, tf.Tensor>();
  try {
    const results = batches.map((batch) => {
      const result = batchGradients(state, batch, options.onForward);
      addGradients(gradients, result.gradients);
      if (!Object.values(result.losses).every(Number.isFinite)) throw new NonFiniteLossError(result.losses, batch);
      return result;
    });
    scale(gradients, 1 / batches.length);
    const gradNorm = globalNorm(gradients);
    if (options.clipGradNorm != null) clipByNorm(gradients, gradNorm, options.clipGradNorm);
    options.onGradients?.(gradients);
    state.optimizer.step(trainedParameters(state), gradients, options.learningRate);
    return {
      losses: meanOf(results.map(({ losses }) => losses)),
      metrics: meanOf(results.map(({ metrics }) => metrics)),
      gradNorm,
    };
  } finally {
    tf.dispose([...gradients.values()]);
  }
}

function batchGradients(trained: Trained, { images, mode }: StepBatch, onForward: StepOptions['onForward']) {
  const tensor = images();
  try {
    return lossesAndGradients(trained, tensor, mode, onForward);
  } finally {
    tensor.dispose();
  }
}

function addGradients(sums: Map<string, tf.Tensor>, gradients: ReadonlyMap<string, tf.Tensor>): void {
  for (const [name, gradient] of gradients) {
    const sum = sums.get(name);
    sums.set(name, sum === undefined ? gradient : tf.add(sum, gradient));
    if (sum !== undefined) tf.dispose([sum, gradient]);
  }
}

function scale(gradients: Map<string, tf.Tensor>, factor: number): void {
  if (factor === 1) return;
  for (const [name, gradient] of gradients) {
    gradients.set(name, tf.mul(gradient, factor));
    gradient.dispose();
  }
}

/** By name, over the batches that have it. */
function meanOf(values: readonly LossValues[]): LossValues {
  if (values.length === 1) return values[0]!;
  const names = new Set(values.flatMap((one) => Object.keys(one)));
  return Object.fromEntries(
    Array.from(names, (name) => {
      const of = values.flatMap((one) => one[name] ?? []);
      return [name, of.reduce((sum, value) => sum + value, 0) / of.length];
    }),
  );
}

/**
 * Losses of a batch and the gradient of their weighted sum. The caller owns the gradients; a parameter that the losses do not
 * depend on has none.
 *
 * @param images `[2B, 3, H, W]`, A-major
 */
export function lossesAndGradients(
  trained: Trained,
  images: tf.Tensor4D,
  mode: Mode,
  onForward?: StepOptions['onForward'],
): { losses: LossValues; metrics: LossValues; gradients: Map<string, tf.Tensor> } {
  const { model, objective } = trained;
  const parameters = trainedParameters(trained);
  const losses = new Map<string, tf.Scalar>();
  const metrics = new Map<string, tf.Scalar | number>();
  const found = valueAndGradients(() => {
    const outputs = model.forward(images, mode);
    onForward?.(outputs, images);
    const means = objective.means({ outputs, images, mode });
    for (const [key, value] of means.losses) losses.set(key, tf.keep(value));
    for (const [name, value] of means.metrics) metrics.set(name, typeof value === 'number' ? value : tf.keep(value));
    return means.total;
  }, [...parameters.values()]);
  found.value.dispose();
  const gradients = new Map<string, tf.Tensor>();
  [...parameters.keys()].forEach((name, i) => {
    const gradient = found.gradients[i];
    if (gradient) gradients.set(name, gradient);
  });
  return { losses: readScalars(losses), metrics: readScalars(metrics), gradients };
}

/** Reads and frees them. */
export function readScalars(scalars: ReadonlyMap<string, tf.Scalar | number>): LossValues {
  return Object.fromEntries(
    Array.from(scalars, ([name, scalar]) => {
      if (typeof scalar === 'number') return [name, scalar];
      const value = scalar.dataSync()[0]!;
      scalar.dispose();
      return [name, value];
    }),
  );
}
