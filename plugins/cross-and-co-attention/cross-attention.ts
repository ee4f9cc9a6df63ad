import * as tf from '@tensorflow/tfjs-core';
import {
  component,
  componentToken,
  DIMENSIONS,
  inject,
  Module,
  OPTIONS,
  RANDOM,
  type Dimensions,
  type Mode,
  type ObjFn,
  type ObjFnOutput,
  type PosEmbed,
  type RandomSource,
} from 'osc-trainer/sdk';
import { CrossAttentionBlock, LayerNorm } from 'osc-trainer/sdk/nn';
import { blockConfig, options, type DecoderOptions } from './options';

/**
 * Transformer decoder: blocks of self-attention among the slots, cross-attention to the patch tokens and an MLP, pre-norm;
 * no norm after the last one. The patch tokens get their positions and a norm once, before the first block.
 * Parameters `pos_embed.*`, `inputs_norm.*`, `attn_blocks.I.*`.
 *
 * An attention map is the cross-attention of a block, a distribution over patch tokens for each slot, mean of the heads.
 */
@component({
  kind: 'obj_fn',
  name: 'cross-attention',
  summary: 'Transformer decoder: slots attend to the patch tokens',
  options,
  reference: 'Vaswani et al. 2017, arXiv:1706.03762; CrossAttentionDecoder in src/osc/models/attentions.py',
})
export class CrossAttentionDecoder extends Module implements ObjFn {
  readonly #normInputs: LayerNorm;
  readonly #blocks: readonly CrossAttentionBlock[];

  /** @throws UsageError when the heads do not divide the width */
  constructor(
    @inject(OPTIONS) options: DecoderOptions,
    @inject(DIMENSIONS) { embedDim }: Pick<Dimensions, 'embedDim'>,
    @inject(componentToken('pos_embed')) private readonly posEmbed: PosEmbed | null,
    @inject(RANDOM) random: RandomSource,
  ) {
    super();
    const config = blockConfig(options, embedDim);
    if (posEmbed) this.child('pos_embed', posEmbed);
    this.#normInputs = this.child('inputs_norm', new LayerNorm(embedDim));
    this.#blocks = Array.from({ length: options.num_layers }, (_, i) =>
      this.child(`attn_blocks.${i}`, new CrossAttentionBlock(config, random.scope(`attn_blocks.${i}`))),
    );
  }

  forward(queries: tf.Tensor3D, features: tf.Tensor3D, mode: Mode): ObjFnOutput {
    const placed = this.posEmbed ? this.posEmbed.forward(features, { ...mode, scope: 'obj_fn' }) : features;
    const context = this.#normInputs.forward(placed);
    const maps: tf.Tensor3D[] = [];
    const slotSelfAttention: tf.Tensor3D[] = [];
    let slots = queries;
    for (const block of this.#blocks) {
      const { out, attention, selfAttention } = block.forward(slots, context, mode);
      slots = out;
      if (attention) maps.push(tf.mean(attention, 1));
      if (selfAttention) slotSelfAttention.push(tf.mean(selfAttention, 1));
    }
    return mode.attention ? { slots, attention: maps, slotSelfAttention } : { slots };
  }
}
