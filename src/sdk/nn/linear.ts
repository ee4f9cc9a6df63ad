import * as tf from '@tensorflow/tfjs-core';
import { Module } from '../module';
import { linear, normLinear } from '../ops/linear';
import type { RandomSource } from '../random';
import { torchInit, type LinearInit } from './initializers';
import { isNormed, type LayerInput } from './residual';

export interface LinearConfig {
  readonly in: number;
  readonly out: number;
  /** Default true. */
  readonly bias?: boolean;
  /** Default torch's. */
  readonly init?: LinearInit;
}

/** Parameters `weight [out, in]`, `bias [out]`. */
export class Linear extends Module {
  readonly #weight: tf.Variable<tf.Rank.R2>;
  readonly #bias: tf.Variable<tf.Rank.R1> | null;

  constructor({ in: fanIn, out, bias = true, init = torchInit }: LinearConfig, random: RandomSource) {
    super();
    this.#weight = this.parameter<tf.Rank.R2>('weight', [out, fanIn], init.weight(fanIn, random));
    this.#bias = bias ? this.parameter<tf.Rank.R1>('bias', [out], init.bias(fanIn, random)) : null;
  }

  /** `[..., in]` → `[..., out]`, to which `residual` is added. A norm in front is computed in the same op. */
  forward<T extends tf.Tensor>(input: LayerInput<T>, residual: T | null = null): T {
    if (!isNormed(input)) return linear(input, this.#weight, this.#bias, residual);
    const y = normLinear(input.x, input.norm.weights, this.#weight, this.#bias);
    return residual === null ? y : tf.add<T>(residual, y);
  }

  get weight(): tf.Tensor2D {
    return this.#weight;
  }

  /** Null without bias. */
  get bias(): tf.Tensor1D | null {
    return this.#bias;
  }
}
