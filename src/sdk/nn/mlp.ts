import * as tf from '@tensorflow/tfjs-core';
import type { Projection } from '../contracts/model';
import { Module, type Mode } from '../module';
import { dropout } from '../ops/dropout';
import { gelu } from '../ops/gelu';
import type { RandomSource } from '../random';
import type { LinearInit } from './initializers';
import { Linear } from './linear';

export type Activation = 'gelu' | 'relu';

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

  /** `[..., in]` → `[..., out]` */
  forward<T extends tf.Tensor>(x: T, mode: Mode): T {
    const hidden = this.#fc1.forward(x);
    const active = this.#activation === 'gelu' ? gelu(hidden) : tf.relu<T>(hidden);
    const out = this.#fc2.forward(dropout(active, this.#dropout, mode, this.#random.scope('drop1')));
    return dropout(out, this.#dropout, mode, this.#random.scope('drop2'));
  }
}
