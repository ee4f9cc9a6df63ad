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
import { CrossAttentionBlock, LayerNorm, type BlockConfig, type CrossBlockOutput } from 'osc-trainer/sdk/nn';
import { blockConfig, options, type DecoderOptions } from './options';

/**
 * Two cross-attention blocks side by side, each of which sees the other side as it was at the input of the block.
 * Parameters `cross_a_b.*` (queries to patch tokens), `cross_b_a.*` (patch tokens to queries).
 */
class CoAttentionBlock extends Module {
  readonly #queries: CrossAttentionBlock;
  readonly #tokens: CrossAttentionBlock | null;

  /** @param last nothing reads the patch tokens after the last block: it has no block for them */
  constructor(config: BlockConfig, last: boolean, random: RandomSource) {
    super();
    const side = (name: string): CrossAttentionBlock =>
      this.child(name, new CrossAttentionBlock(config, random.scope(name)));
    this.#queries = side('cross_a_b');
    this.#tokens = last ? null : side('cross_b_a');
  }

  /**
   * @param queries `[B, S, C]`
   * @param tokens `[B, N, C]`
   * @returns both, updated, and with `mode.attention` the maps of queries to patch tokens `[B, heads, S, N]` and among
   *   queries `[B, heads, S, S]`
   */
  forward(
    queries: tf.Tensor3D,
    tokens: tf.Tensor3D,
    mode: Mode,
  ): { queries: tf.Tensor3D; tokens: tf.Tensor3D } & Pick<CrossBlockOutput, 'attention' | 'selfAttention'> {
    const { out, ...maps } = this.#queries.forward(queries, tokens, mode);
    const other = this.#tokens?.forward(tokens, queries, { ...mode, attention: false }).out;
    return { queries: out, tokens: other ?? tokens, ...maps };
  }
}

/**
 * Decoder of co-attention blocks: each updates slots and patch tokens at once. With `x` the slots and `c` the tokens,
 *
 *     x_0 = queries                    c_0 = LN(pos_embed(features))
 *     x_(l+1) = cross_a_b_l(x_l, c_l)  c_(l+1) = cross_b_a_l(c_l, x_l)
 *
 * and the slots are `x_L`. Both are pre-norm blocks of self-attention, cross-attention to the other side (taken as it is)
 * and MLP. Parameters `pos_embed.*`, `inputs_norm.*`, `attn_blocks.I.cross_a_b.*`, `attn_blocks.I.cross_b_a.*` (not of the last).
 *
 * An attention map is that of slots to patch tokens, a distribution over tokens for each slot, mean of the heads.
 */
@component({
  kind: 'obj_fn',
  name: 'co-attention',
  summary: 'Transformer decoder: slots and patch tokens attend to each other',
  options,
  reference:
    'Lu et al. 2019 (ViLBERT), arXiv:1908.02265; CoAttentionBlock in src/osc/models/attentions.py, which has no decoder',
})
export class CoAttentionDecoder extends Module implements ObjFn {
  readonly #normInputs: LayerNorm;
  readonly #blocks: readonly CoAttentionBlock[];

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
    this.#blocks = Array.from({ length: options.num_layers }, (_, i) => {
      const last = i === options.num_layers - 1;
      return this.child(`attn_blocks.${i}`, new CoAttentionBlock(config, last, random.scope(`attn_blocks.${i}`)));
    });
  }

  forward(queries: tf.Tensor3D, features: tf.Tensor3D, mode: Mode): ObjFnOutput {
    const placed = this.posEmbed ? this.posEmbed.forward(features, { ...mode, scope: 'obj_fn' }) : features;
    const maps: tf.Tensor3D[] = [];
    const slotSelfAttention: tf.Tensor3D[] = [];
    let slots = queries;
    let tokens = this.#normInputs.forward(placed);
    for (const block of this.#blocks) {
      const updated = block.forward(slots, tokens, mode);
      ({ queries: slots, tokens } = updated);
      if (updated.attention) maps.push(tf.mean(updated.attention, 1));
      if (updated.selfAttention) slotSelfAttention.push(tf.mean(updated.selfAttention, 1));
    }
    return mode.attention ? { slots, attention: maps, slotSelfAttention } : { slots };
  }
}
