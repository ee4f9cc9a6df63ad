import * as tf from '@tensorflow/tfjs-core';
import type { NamedParameters, NamedTensors, Optimizer } from 'osc-trainer/sdk';
import type { AdamWCoefficients } from 'osc-trainer/sdk/ops';
import { OPTIONS, UsageError, component, inject, z } from 'osc-trainer/sdk';
import { adamWUpdate } from 'osc-trainer/sdk/ops';

const beta = z.number().min(0).lt(1);

const options = z.strictObject({
  weight_decay: z
    .number()
    .nonnegative()
    .default(1e-4)
    .describe('part of every parameter taken off in a step, times the learning rate; biases and norms too'),
  betas: z
    .tuple([beta, beta])
    .default([0.9, 0.999])
    .describe('how much of the running mean of gradients, and of their squares, is kept in a step'),
  eps: z.number().positive().default(1e-8).describe('added to the root of the mean square'),
});

type Options = z.infer<typeof options>;

/** What is remembered of one parameter. */
interface Moments {
  readonly mean: tf.Tensor;
  readonly meanSquare: tf.Tensor;
  /** Updates this parameter has had. */
  readonly step: number;
}

const PARTS = ['exp_avg', 'exp_avg_sq', 'step'] as const;

/**
 * AdamW as PyTorch has it: `p ← p (1 - lr wd) - lr/(1 - β1ᵗ) m / (√v / √(1 - β2ᵗ) + eps)`, weight decay on all parameters.
 *
 * State: `NAME.exp_avg` and `NAME.exp_avg_sq` in the parameter's shape, `NAME.step` an int32 scalar.
 */
@component({
  kind: 'optimizer',
  name: 'adam',
  aliases: ['adamw'],
  summary: 'AdamW: Adam with decoupled weight decay on all parameters',
  options,
  reference: 'I. Loshchilov and F. Hutter, Decoupled weight decay regularization, 2019; torch.optim.AdamW; train.py',
})
export class AdamW implements Optimizer {
  readonly #moments = new Map<string, Moments>();
  /** The step counts as tensors, made when the state is asked for. */
  #stepTensors: tf.Scalar[] = [];

  constructor(@inject(OPTIONS) private readonly options: Options) {}

  /** @throws UsageError when a loaded state does not fit the parameters */
  step(parameters: NamedParameters, gradients: NamedTensors, learningRate: number): void {
    this.#dropStepTensors();
    const coefficients = new Map<number, AdamWCoefficients>();
    tf.tidy(() => {
      for (const [name, parameter] of parameters) {
        const gradient = gradients.get(name);
        if (gradient === undefined) continue;
        const old = this.#momentsOf(name, parameter);
        const step = old.step + 1;
        let k = coefficients.get(step);
        if (k === undefined) coefficients.set(step, (k = coefficientsOf(this.options, step, learningRate)));

        const { mean, meanSquare } = old;
        const next = adamWUpdate({ parameter, mean, meanSquare }, gradient, k);
        parameter.assign(next.parameter);
        tf.dispose([mean, meanSquare]);
        this.#moments.set(name, { mean: tf.keep(next.mean), meanSquare: tf.keep(next.meanSquare), step });
      }
    });
  }

  state(): NamedTensors {
    this.#dropStepTensors();
    const state = new Map<string, tf.Tensor>();
    for (const [name, { mean, meanSquare, step }] of this.#moments) {
      const stepTensor = tf.keep(tf.scalar(step, 'int32'));
      this.#stepTensors.push(stepTensor);
      state.set(`${name}.exp_avg`, mean);
      state.set(`${name}.exp_avg_sq`, meanSquare);
      state.set(`${name}.step`, stepTensor);
    }
    return state;
  }

  /** @throws UsageError when the tensors are not what {@link state} gives */
  loadState(state: NamedTensors): void {
    const names = new Set<string>();
    for (const key of state.keys()) {
      const part = PARTS.find((suffix) => key.endsWith(`.${suffix}`));
      if (part === undefined) throw unfit(`Tensor '${key}' of the optimizer state is none of adam's.`);
      names.add(key.slice(0, -part.length - 1));
    }
    const tensor = (key: string): tf.Tensor => {
      const found = state.get(key);
      if (found === undefined) throw unfit(`The optimizer state has no tensor '${key}'.`);
      return found;
    };
    const loaded = Array.from(names, (name) => {
      const parts = { mean: tensor(`${name}.exp_avg`), meanSquare: tensor(`${name}.exp_avg_sq`) };
      return { name, ...parts, step: tensor(`${name}.step`).dataSync()[0]! };
    });
    this.dispose();
    for (const { name, mean, meanSquare, step } of loaded) {
      this.#moments.set(name, { mean: tf.keep(tf.clone(mean)), meanSquare: tf.keep(tf.clone(meanSquare)), step });
    }
  }

  dispose(): void {
    this.#dropStepTensors();
    for (const { mean, meanSquare } of this.#moments.values()) tf.dispose([mean, meanSquare]);
    this.#moments.clear();
  }

  #momentsOf(name: string, parameter: tf.Variable): Moments {
    const known = this.#moments.get(name);
    if (known === undefined) {
      return { mean: tf.zeros(parameter.shape), meanSquare: tf.zeros(parameter.shape), step: 0 };
    }
    for (const { shape } of [known.mean, known.meanSquare]) {
      if (shape.length === parameter.shape.length && shape.every((size, axis) => size === parameter.shape[axis]))
        continue;
      throw unfit(`The optimizer state of '${name}' has shape [${shape}], the parameter [${parameter.shape}].`);
    }
    return known;
  }

  #dropStepTensors(): void {
    tf.dispose(this.#stepTensors);
    this.#stepTensors = [];
  }
}

/** The numbers of a parameter's `step`-th update (from 1). */
function coefficientsOf(
  { betas: [beta1, beta2], eps, weight_decay: weightDecay }: Options,
  step: number,
  learningRate: number,
): AdamWCoefficients {
  return {
    beta1,
    rest1: 1 - beta1,
    beta2,
    rest2: 1 - beta2,
    rootScale: 1 / Math.sqrt(1 - beta2 ** step),
    epsilon: eps,
    decay: 1 - learningRate * weightDecay,
    rate: learningRate / (1 - beta1 ** step),
  };
}

function unfit(what: string): UsageError {
  return new UsageError(what, 'The state comes from another optimizer or another model.', [
    'resume with the model and optimizer that the checkpoint was made with',
  ]);
}
