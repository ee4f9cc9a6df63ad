import type * as tf from '@tensorflow/tfjs-core';
import { Module } from '../module';
import { layerNorm, type NormWeights } from '../ops/layer-norm';
import { ones, zeros } from './initializers';

/** Parameters `weight [C]`, `bias [C]`; epsilon 1e-5. */
export class LayerNorm extends Module {
  readonly #weight: tf.Variable<tf.Rank.R1>;
  readonly #bias: tf.Variable<tf.Rank.R1>;

  constructor(dim: number) {
    super();
    this.#weight = this.parameter<tf.Rank.R1>('weight', [dim], ones);
    this.#bias = this.parameter<tf.Rank.R1>('bias', [dim], zeros);
  }

  get weights(): NormWeights {
    return { gamma: this.#weight, beta: this.#bias };
  }

  /** `[..., C]` → `[..., C]` */
  forward<T extends tf.Tensor>(x: T): T {
    return layerNorm(x, this.#weight, this.#bias);
  }
}
