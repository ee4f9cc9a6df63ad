import * as tf from '@tensorflow/tfjs-core';
import { Module, type RandomSource } from 'osc-trainer/sdk';
import { uniform } from 'osc-trainer/sdk/nn';
import { linear } from 'osc-trainer/sdk/ops';

export interface PatchEmbedConfig {
  /** `[ph, pw]` */
  readonly patchSize: readonly [number, number];
  readonly embedDim: number;
}

/**
 * Patches to tokens: a convolution whose kernel is its stride, so a reshape and one product.
 * Parameters `proj.weight [C, 3, ph, pw]`, `proj.bias [C]`, torch's default start.
 */
export class PatchEmbed extends Module {
  readonly #weight: tf.Variable<tf.Rank.R4>;
  readonly #bias: tf.Variable<tf.Rank.R1>;

  constructor({ patchSize: [ph, pw], embedDim }: PatchEmbedConfig, random: RandomSource) {
    super();
    const bound = 1 / Math.sqrt(3 * ph * pw);
    const init = (name: string) => uniform(random.scope(name), bound);
    this.#weight = this.parameter<tf.Rank.R4>('proj.weight', [embedDim, 3, ph, pw], init('proj.weight'));
    this.#bias = this.parameter<tf.Rank.R1>('proj.bias', [embedDim], init('proj.bias'));
  }

  /** `[B, 3, H, W]` → `[B, N, C]`, patches row by row */
  forward(images: tf.Tensor4D): tf.Tensor3D {
    const [embedDim, channels, ph, pw] = this.#weight.shape;
    const [batch, , height, width] = images.shape;
    const [h, w] = [height / ph, width / pw];
    // [B, 3, h, ph, w, pw] → [B, h, w, 3, ph, pw] in two transposes of rank 4, which move longer runs than one of rank 6
    const columns = tf.transpose(tf.reshape(images, [batch * channels * h, ph, w, pw]), [0, 2, 1, 3]);
    const patches = tf.transpose(tf.reshape(columns, [batch, channels, h * w, ph * pw]), [0, 2, 1, 3]);
    const flat = tf.reshape<tf.Rank.R3>(patches, [batch, h * w, channels * ph * pw]);
    return linear(flat, tf.reshape(this.#weight, [embedDim, channels * ph * pw]), this.#bias);
  }
}
