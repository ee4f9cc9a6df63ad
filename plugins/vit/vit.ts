import * as tf from '@tensorflow/tfjs-core';
import {
  component,
  componentToken,
  DIMENSIONS,
  inject,
  Module,
  OPTIONS,
  RANDOM,
  UsageError,
  type Backbone,
  type BackboneOutput,
  type Dimensions,
  type Mode,
  type Pooling,
  type PosEmbed,
  type RandomSource,
} from 'osc-trainer/sdk';
import { normal, SelfAttentionBlock } from 'osc-trainer/sdk/nn';
import { options, type VitOptions } from './options';
import { PatchEmbed } from './patch-embed';

const divisors = (n: number): number[] => Array.from({ length: n }, (_, i) => i + 1).filter((d) => n % d === 0);

/**
 * Vision transformer with pre-norm blocks and no norm after the last one.
 * Parameters `cls_token [C]` (with `cls` pooling), `patch_emb.proj.*`, `pos_embed.*`, `attn_blocks.I.*`.
 *
 * Positions are added to patch tokens only, never to the class token.
 */
@component({
  kind: 'backbone',
  name: 'vit',
  summary: 'Vision transformer on image patches',
  options,
  reference: 'Dosovitskiy et al. 2021, arXiv:2010.11929; src/osc/models/vit.py',
})
export class VitBackbone extends Module implements Backbone {
  readonly #classToken: tf.Variable<tf.Rank.R1> | null;
  readonly #patchEmbed: PatchEmbed;
  readonly #blocks: readonly SelfAttentionBlock[];
  readonly #posEveryLayer: boolean;

  /** @throws UsageError when the patches do not fit the image or the heads do not fit the width */
  static dimensions(options: VitOptions, imageSize: readonly [number, number]): Dimensions {
    const { patch_size: patch, embed_dim: embedDim, num_heads: heads } = options;
    if (patch.some((size, axis) => imageSize[axis]! % size !== 0)) {
      throw new UsageError(
        `Patches of ${patch.join('×')} pixels do not divide a crop of ${imageSize.join('×')}.`,
        'Both sides of data.crop_size must be multiples of model.backbone.patch_size.',
        [
          `data.crop_size=[${imageSize.map((side, axis) => Math.max(1, Math.floor(side / patch[axis]!)) * patch[axis]!)}]`,
        ],
      );
    }
    if (embedDim % heads !== 0) {
      const fitting = divisors(embedDim);
      const nearest = fitting.reduce((a, b) => (Math.abs(b - heads) < Math.abs(a - heads) ? b : a));
      throw new UsageError(
        `${heads} attention heads do not divide a width of ${embedDim}.`,
        'model.backbone.embed_dim must be a multiple of model.backbone.num_heads.',
        [`model.backbone.num_heads=${nearest}`],
      );
    }
    const grid = [imageSize[0] / patch[0], imageSize[1] / patch[1]] as const;
    return { imageSize, grid, numTokens: grid[0] * grid[1], embedDim };
  }

  constructor(
    @inject(OPTIONS) options: VitOptions,
    @inject(DIMENSIONS) { embedDim }: Dimensions,
    @inject(componentToken('pos_embed')) private readonly posEmbed: PosEmbed | null,
    @inject(componentToken('pooling')) private readonly pooling: Pooling,
    @inject(RANDOM) random: RandomSource,
  ) {
    super();
    this.#classToken = pooling.usesClassToken
      ? this.parameter<tf.Rank.R1>('cls_token', [embedDim], normal(random.scope('cls_token'), 0.02))
      : null;
    this.#patchEmbed = this.child(
      'patch_emb',
      new PatchEmbed({ patchSize: options.patch_size, embedDim }, random.scope('patch_emb')),
    );
    if (posEmbed) this.child('pos_embed', posEmbed);
    this.#blocks = Array.from({ length: options.num_layers }, (_, i) =>
      this.child(
        `attn_blocks.${i}`,
        new SelfAttentionBlock(
          {
            dim: embedDim,
            numHeads: options.num_heads,
            mlpRatio: options.mlp_ratio,
            dropout: options.block_drop,
            attentionDropout: options.block_attn_drop,
            dropPath: options.drop_path,
          },
          random.scope(`attn_blocks.${i}`),
        ),
      ),
    );
    this.#posEveryLayer = options.pos_embed_every_layer;
  }

  forward(images: tf.Tensor4D, mode: Mode): BackboneOutput {
    let tokens = tf.tidy(() => this.#patchEmbed.forward(images));
    let classToken = this.#classToken && this.#broadcast(this.#classToken, tokens.shape[0]);
    const maps: tf.Tensor4D[] = [];
    this.#blocks.forEach((block, i) => {
      // What the backward pass does not need is freed after each block: half of the memory of an evaluation.
      const next = tf.tidy(() => {
        const positions = i === 0 || this.#posEveryLayer ? this.posEmbed : null;
        const placed = positions?.forward(tokens, { ...mode, scope: `backbone.attn_blocks.${i}` }) ?? tokens;
        const { out, attention } = block.forward(classToken ? tf.concat([classToken, placed], 1) : placed, mode);
        if (!classToken) return { tokens: out, attention };
        const [first, rest] = tf.split(out, [1, out.shape[1] - 1], 1) as [tf.Tensor3D, tf.Tensor3D];
        return { tokens: rest, classToken: first, attention };
      });
      tf.dispose(classToken ? [tokens, classToken] : tokens);
      if (next.attention) maps.push(next.attention);
      tokens = next.tokens;
      classToken = next.classToken ?? null;
    });
    const pooled = this.pooling.pool(tokens, classToken && tf.squeeze<tf.Tensor2D>(classToken, [1]));
    return mode.attention ? { features: tokens, pooled, attention: maps } : { features: tokens, pooled };
  }

  /** `[C]` → `[B, 1, C]`; by adding, as tfjs's gradient of tiling takes an op for each row of the batch. */
  #broadcast(token: tf.Tensor1D, batch: number): tf.Tensor3D {
    return tf.add(tf.zeros([batch, 1, token.shape[0]]), token);
  }
}
