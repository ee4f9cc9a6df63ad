import type * as tf from '@tensorflow/tfjs-core';
import { Module } from '../module';
import { gruCell, type GruWeights } from '../ops/gru-cell';
import type { RandomSource } from '../random';
import { uniform } from './initializers';

/** torch's `GRUCell`. Parameters `weight_ih [3C, I]`, `weight_hh [3C, C]`, `bias_ih [3C]`, `bias_hh [3C]`, U(±1/√C). */
export class GruCell extends Module {
  readonly #weights: GruWeights;

  constructor({ in: width, hidden }: { readonly in: number; readonly hidden: number }, random: RandomSource) {
    super();
    const init = (name: string) => uniform(random.scope(name), 1 / Math.sqrt(hidden));
    this.#weights = {
      weightIh: this.parameter<tf.Rank.R2>('weight_ih', [3 * hidden, width], init('weight_ih')),
      weightHh: this.parameter<tf.Rank.R2>('weight_hh', [3 * hidden, hidden], init('weight_hh')),
      biasIh: this.parameter<tf.Rank.R1>('bias_ih', [3 * hidden], init('bias_ih')),
      biasHh: this.parameter<tf.Rank.R1>('bias_hh', [3 * hidden], init('bias_hh')),
    };
  }

  /**
   * @param input `[R, I]`
   * @param hidden `[R, C]`
   * @returns `[R, C]`
   */
  forward(input: tf.Tensor2D, hidden: tf.Tensor2D): tf.Tensor2D {
    return gruCell(input, hidden, this.#weights);
  }
}
