import * as tf from '@tensorflow/tfjs-core';
import type { Projection } from '../contracts/model';
import { UsageError } from '../errors';
import { Module, type Mode } from '../module';
import { dropout } from '../ops/dropout';
import { activate, residualMlp, type Activation } from '../ops/mlp';
import type { RandomSource } from '../random';
import type { LinearInit } from './initializers';
import { Linear } from './linear';
import { isNormed, type LayerInput, type Normed } from './residual';

export interface MlpConfig {
  readonly in: number;
  readonly hidden: number;
  readonly out: number;
  /** Default gelu. */
  readonly activation?: Activation;
  /** Rate after each of the two layers, default 0. */
  readonly dropout?: number;
  /** Default true. */
  readonly outBias?: boolean;
  /** Default torch's. */
  readonly init?: LinearInit;
}

/**
 * Units of a hidden layer that is `ratio` times as wide as its input, a half rounded to the even number as in the reference
 * (numpy's `round`), so that weights fit there.
 *
 * @throws UsageError where no unit is left
 */
export function hiddenWidth(width: number, ratio: number): number {
  const product = width * ratio;
  const floor = Math.floor(product);
  const rounded = product - floor === 0.5 ? floor + (floor % 2) : Math.round(product);
  if (rounded >= 1) return rounded;
  throw new UsageError(
    `A hidden layer of ${ratio} times the width ${width} has no unit.`,
    'hidden_mult and mlp_ratio of the config times model.backbone.embed_dim must be more than 0.5.',
    ['osc config show --package model'],
  );
}

/** Linear, activation, dropout, linear, dropout. Parameters `fc1.*`, `fc2.*`. */
export class Mlp extends Module implements Projection {
  readonly #fc1: Linear;
  readonly #fc2: Linear;
  readonly #activation: Activation;
  readonly #dropout: number;
  readonly #random: RandomSource;

  constructor(config: MlpConfig, random: RandomSource) {
    super();
    const { in: width, hidden, out, activation = 'gelu', dropout: rate = 0, outBias = true, init } = config;
    this.#fc1 = this.child('fc1', new Linear({ in: width, out: hidden, init }, random.scope('fc1')));
    this.#fc2 = this.child('fc2', new Linear({ in: hidden, out, bias: outBias, init }, random.scope('fc2')));
    this.#activation = activation;
    this.#dropout = rate;
    this.#random = random;
  }

  /** `[..., in]` → `[..., out]`, added to `residual`. */
  forward<T extends tf.Tensor>(input: LayerInput<T>, mode: Mode, residual: T | null = null): T {
    if (isNormed(input)) {
      return this.#oneOp(input, mode, residual) ?? this.forward(input.norm.forward(input.x), mode, residual);
    }
    const active = activate(this.#fc1.forward(input), this.#activation);
    const hidden = dropout(active, this.#dropout, mode, this.#random.scope('drop1'));
    const out = dropout(this.#fc2.forward(hidden), this.#dropout, mode, this.#random.scope('drop2'));
    return residual === null ? out : tf.add<T>(residual, out);
  }

  /** The op of all of it, or null: for nothing dropped out, both biases, and a norm of what the result is added to. */
  #oneOp<T extends tf.Tensor>({ x, norm }: Normed<T>, mode: Mode, residual: T | null): T | null {
    const [bias1, bias2] = [this.#fc1.bias, this.#fc2.bias];
    if ((mode.training && this.#dropout > 0) || residual !== x || !bias1 || !bias2) return null;
    const weights = { weight1: this.#fc1.weight, bias1, weight2: this.#fc2.weight, bias2 };
    return residualMlp(x, norm.weights, weights, this.#activation);
  }
}
