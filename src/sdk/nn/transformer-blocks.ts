import type * as tf from '@tensorflow/tfjs-core';
import { Module, type Mode } from '../module';
import type { RandomSource } from '../random';
import { CrossAttention, SelfAttention, type AttentionConfig, type AttentionOutput } from './attention';
import { transformerInit } from './initializers';
import { LayerNorm } from './layer-norm';
import { hiddenWidth, Mlp } from './mlp';
import { ResidualBranch } from './residual';

export interface BlockConfig {
  readonly dim: number;
  readonly numHeads: number;
  /** Hidden width of the MLP over C. */
  readonly mlpRatio: number;
  /** Dropout of the attention's output and of both MLP layers, default 0. */
  readonly dropout?: number;
  /** Dropout of the attention matrix, default 0. */
  readonly attentionDropout?: number;
  /** Stochastic depth, drawn for each branch, default 0. */
  readonly dropPath?: number;
}

function attentionConfig({ dim, numHeads, dropout, attentionDropout }: BlockConfig): AttentionConfig {
  return { dim, numHeads, dropout, attentionDropout, init: transformerInit };
}

function blockMlp({ dim, mlpRatio, dropout }: BlockConfig, random: RandomSource): Mlp {
  return new Mlp({ in: dim, hidden: hiddenWidth(dim, mlpRatio), out: dim, dropout, init: transformerInit }, random);
}

export interface CrossBlockOutput extends AttentionOutput {
  /** With `mode.attention`: the map of the self-attention, `[B, heads, S, S]`. */
  readonly selfAttention?: tf.Tensor4D;
}

/** What both blocks are made of: layers, each behind a norm and beside a sum. */
export abstract class PreNormBlock extends Module {
  constructor(
    private readonly config: BlockConfig,
    private readonly random: RandomSource,
  ) {
    super();
  }

  /** The n-th branch, with its norm: parameters `normN`. */
  protected branch(n: number): ResidualBranch {
    const { dim, dropPath = 0 } = this.config;
    return new ResidualBranch(this.child(`norm${n}`, new LayerNorm(dim)), dropPath, this.random.scope(`drop_path${n}`));
  }
}

/** Pre-norm transformer block. Parameters `norm1`, `attn`, `norm2`, `mlp`. */
export class SelfAttentionBlock extends PreNormBlock {
  readonly #branch1: ResidualBranch;
  readonly #attention: SelfAttention;
  readonly #branch2: ResidualBranch;
  readonly #mlp: Mlp;

  constructor(config: BlockConfig, random: RandomSource) {
    super(config, random);
    this.#branch1 = this.branch(1);
    this.#attention = this.child('attn', new SelfAttention(attentionConfig(config), random.scope('attn')));
    this.#branch2 = this.branch(2);
    this.#mlp = this.child('mlp', blockMlp(config, random.scope('mlp')));
  }

  /** `y = x + attn(norm1(x))`, `out = y + mlp(norm2(y))`: `[B, L, C]` → `[B, L, C]` */
  forward(x: tf.Tensor3D, mode: Mode): AttentionOutput {
    const y = this.#branch1.addTo(x, mode, (normed, sum) => this.#attention.forward(normed, mode, sum));
    const z = this.#branch2.addTo(y.out, mode, (normed, sum) => ({ out: this.#mlp.forward(normed, mode, sum) }));
    return { out: z.out, attention: y.attention };
  }
}

/**
 * Pre-norm decoder block: self-attention, cross-attention to a context (taken as it is), MLP.
 * Parameters `norm1`, `self_attn`, `norm2`, `cross_attn`, `norm3`, `mlp`.
 */
export class CrossAttentionBlock extends PreNormBlock {
  readonly #branch1: ResidualBranch;
  readonly #selfAttention: SelfAttention;
  readonly #branch2: ResidualBranch;
  readonly #crossAttention: CrossAttention;
  readonly #branch3: ResidualBranch;
  readonly #mlp: Mlp;

  constructor(config: BlockConfig, random: RandomSource) {
    super(config, random);
    const attention = attentionConfig(config);
    this.#branch1 = this.branch(1);
    this.#selfAttention = this.child('self_attn', new SelfAttention(attention, random.scope('self_attn')));
    this.#branch2 = this.branch(2);
    this.#crossAttention = this.child('cross_attn', new CrossAttention(attention, random.scope('cross_attn')));
    this.#branch3 = this.branch(3);
    this.#mlp = this.child('mlp', blockMlp(config, random.scope('mlp')));
  }

  /**
   * `y = x + self_attn(norm1(x))`, `z = y + cross_attn(norm2(y), context)`, `out = z + mlp(norm3(z))`
   *
   * @param x `[B, S, C]`
   * @param context `[B, L, C]`
   * @returns `[B, S, C]` and, with `mode.attention`, the maps of both attentions
   */
  forward(x: tf.Tensor3D, context: tf.Tensor3D, mode: Mode): CrossBlockOutput {
    const y = this.#branch1.addTo(x, mode, (normed, sum) => this.#selfAttention.forward(normed, mode, sum));
    const z = this.#branch2.addTo(y.out, mode, (normed, sum) =>
      this.#crossAttention.forward(normed, context, mode, sum),
    );
    const { out } = this.#branch3.addTo(z.out, mode, (normed, sum) => ({ out: this.#mlp.forward(normed, mode, sum) }));
    return { out, attention: z.attention, selfAttention: y.attention };
  }
}
