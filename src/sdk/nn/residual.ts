import * as tf from '@tensorflow/tfjs-core';
import type { Mode } from '../module';
import { dropPath } from '../ops/dropout';
import type { RandomSource } from '../random';
import type { LayerNorm } from './layer-norm';

/** `norm(x)` before anything has computed it: the layer that takes it does so inside its own first op. */
export interface Normed<T extends tf.Tensor = tf.Tensor3D> {
  readonly x: T;
  readonly norm: LayerNorm;
}

/** What a layer takes: a tensor as it is, or one with a norm in front. */
export type LayerInput<T extends tf.Tensor = tf.Tensor3D> = T | Normed<T>;

export const isNormed = <T extends tf.Tensor>(input: LayerInput<T>): input is Normed<T> => 'norm' in input;

/**
 * One branch of a pre-norm block: `x + dropPath(layer(norm(x)))`.
 *
 * This is the only place that decides what runs as one op: norm and sum are handed to the layer, which has them in its own
 * ops, unless a dropped path has to come between the layer and the sum.
 */
export class ResidualBranch {
  constructor(
    private readonly norm: LayerNorm,
    /** Chance that a sample skips the branch in training. */
    private readonly dropRate: number,
    private readonly random: RandomSource,
  ) {}

  /**
   * @param x `[B, L, C]`
   * @param layer gives `out`, `[B, L, C]`, with `sum` added to it, and whatever else is handed on
   */
  addTo<R extends { readonly out: tf.Tensor3D }>(
    x: tf.Tensor3D,
    mode: Mode,
    layer: (normed: Normed, sum: tf.Tensor3D | null) => R,
  ): R {
    const normed = { x, norm: this.norm };
    if (!mode.training || this.dropRate === 0) return layer(normed, x);
    const branch = layer(normed, null);
    return { ...branch, out: tf.add(x, dropPath(branch.out, this.dropRate, mode, this.random)) };
  }
}
