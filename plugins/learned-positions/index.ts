import type * as tf from '@tensorflow/tfjs-core';
import {
  component,
  DIMENSIONS,
  inject,
  Module,
  OPTIONS,
  POS_EMBED_DROPOUT,
  RANDOM,
  z,
  type Dimensions,
  type Mode,
  type PosEmbed,
  type RandomSource,
} from 'osc-trainer/sdk';
import { normal, sinePositions } from 'osc-trainer/sdk/nn';
import { addRows, dropout } from 'osc-trainer/sdk/ops';

const options = z.strictObject({
  init: z
    .enum(['normal', 'sine'])
    .default('normal')
    .describe('how they start: N(0, 0.02), or sines and cosines of x and y (width divisible by 4)'),
});

/** Adds one learned vector a patch. Parameter `embed [N, C]`. */
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
    @inject(OPTIONS) { init }: z.infer<typeof options>,
    @inject(DIMENSIONS) { grid, numTokens, embedDim }: Pick<Dimensions, 'grid' | 'numTokens' | 'embedDim'>,
    @inject(POS_EMBED_DROPOUT) private readonly rate: number,
    @inject(RANDOM) private readonly random: RandomSource,
  ) {
    super();
    const start =
      init === 'sine' ? sinePositions(grid, embedDim, 'pos_embed.init=sine') : normal(random.scope('embed'), 0.02);
    this.#embed = this.parameter<tf.Rank.R2>('embed', [numTokens, embedDim], start);
  }

  forward(tokens: tf.Tensor3D, mode: Mode): tf.Tensor3D {
    return dropout(addRows(tokens, this.#embed), this.rate, mode, this.random);
  }
}
