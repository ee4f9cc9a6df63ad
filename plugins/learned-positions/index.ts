import type * as tf from '@tensorflow/tfjs-core';
import {
  component,
  DIMENSIONS,
  inject,
  Module,
  POS_EMBED_DROPOUT,
  RANDOM,
  z,
  type Dimensions,
  type Mode,
  type PosEmbed,
  type RandomSource,
} from 'osc-trainer/sdk';
import { normal } from 'osc-trainer/sdk/nn';
import { addRows, dropout } from 'osc-trainer/sdk/ops';

const options = z.strictObject({});

/** Adds one learned vector a patch. Parameter `embed [N, C]`, started at N(0, 0.02). */
@component({
  kind: 'pos_embed',
  name: 'learned',
  summary: 'One learned vector a patch',
  options,
  reference: 'src/osc/models/embeds.py',
})
export class LearnedPositions extends Module implements PosEmbed {
  readonly #embed: tf.Variable<tf.Rank.R2>;

  constructor(
    @inject(DIMENSIONS) { numTokens, embedDim }: Pick<Dimensions, 'numTokens' | 'embedDim'>,
    @inject(POS_EMBED_DROPOUT) private readonly rate: number,
    @inject(RANDOM) private readonly random: RandomSource,
  ) {
    super();
    this.#embed = this.parameter<tf.Rank.R2>('embed', [numTokens, embedDim], normal(random.scope('embed'), 0.02));
  }

  forward(tokens: tf.Tensor3D, mode: Mode): tf.Tensor3D {
    return dropout(addRows(tokens, this.#embed), this.rate, mode, this.random);
  }
}
