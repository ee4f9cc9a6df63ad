import * as tf from '@tensorflow/tfjs-core';
import { Module, type Mode } from '../module';
import { dropPath } from '../ops/dropout';
import type { RandomSource } from '../random';
import { CrossAttention, SelfAttention, type AttentionConfig, type AttentionOutput } from './attention';
import { transformerInit } from './initializers';
import { LayerNorm } from './layer-norm';
import { hiddenWidth, Mlp } from './mlp';

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

/** Pre-norm transformer block. Parameters `norm1`, `attn`, `norm2`, `mlp`. */
export class SelfAttentionBlock extends Module {
  readonly #norm1: LayerNorm;
  readonly #attention: SelfAttention;
  readonly #norm2: LayerNorm;
  readonly #mlp: Mlp;
  readonly #dropPath: number;
  readonly #random: RandomSource;

  constructor(config: BlockConfig, random: RandomSource) {
    super();
    this.#norm1 = this.child('norm1', new LayerNorm(config.dim));
    this.#attention = this.child('attn', new SelfAttention(attentionConfig(config), random.scope('attn')));
    this.#norm2 = this.child('norm2', new LayerNorm(config.dim));
    this.#mlp = this.child('mlp', blockMlp(config, random.scope('mlp')));
    this.#dropPath = config.dropPath ?? 0;
    this.#random = random;
  }

  /** `[B, L, C]` → `[B, L, C]` */
  forward(x: tf.Tensor3D, mode: Mode): AttentionOutput {
    if (!mode.training || this.#dropPath === 0) {
      const { out, attention } = this.#attention.forward(x, mode, { norm: this.#norm1, residual: x });
      return { out: this.#mlp.forwardResidual(out, this.#norm2, mode), attention };
    }
    const drop = (branch: tf.Tensor3D, name: string): tf.Tensor3D =>
      dropPath(branch, this.#dropPath, mode, this.#random.scope(name));
    const { out, attention } = this.#attention.forward(x, mode, { norm: this.#norm1 });
    const attended = tf.add<tf.Tensor3D>(x, drop(out, 'drop_path1'));
    const mlp = this.#mlp.forward(this.#norm2.forward(attended), mode);
    return { out: tf.add(attended, drop(mlp, 'drop_path2')), attention };
  }
}

/**
 * Pre-norm decoder block: self-attention, cross-attention to a context (taken as it is), MLP.
 * Parameters `norm1`, `self_attn`, `norm2`, `cross_attn`, `norm3`, `mlp`.
 */
export class CrossAttentionBlock extends Module {
  readonly #norm1: LayerNorm;
  readonly #selfAttention: SelfAttention;
  readonly #norm2: LayerNorm;
  readonly #crossAttention: CrossAttention;
  readonly #norm3: LayerNorm;
  readonly #mlp: Mlp;
  readonly #dropPath: number;
  readonly #random: RandomSource;

  constructor(config: BlockConfig, random: RandomSource) {
    super();
    const attention = attentionConfig(config);
    this.#norm1 = this.child('norm1', new LayerNorm(config.dim));
    this.#selfAttention = this.child('self_attn', new SelfAttention(attention, random.scope('self_attn')));
    this.#norm2 = this.child('norm2', new LayerNorm(config.dim));
    this.#crossAttention = this.child('cross_attn', new CrossAttention(attention, random.scope('cross_attn')));
    this.#norm3 = this.child('norm3', new LayerNorm(config.dim));
    this.#mlp = this.child('mlp', blockMlp(config, random.scope('mlp')));
    this.#dropPath = config.dropPath ?? 0;
    this.#random = random;
  }

  /**
   * @param x `[B, S, C]`
   * @param context `[B, L, C]`
   * @returns `[B, S, C]` and, with `mode.attention`, the maps of both attentions
   */
  forward(x: tf.Tensor3D, context: tf.Tensor3D, mode: Mode): CrossBlockOutput {
    const [norm1, norm2] = [this.#norm1, this.#norm2];
    if (!mode.training || this.#dropPath === 0) {
      const self = this.#selfAttention.forward(x, mode, { norm: norm1, residual: x });
      const around = { norm: norm2, residual: self.out };
      const { out, attention } = this.#crossAttention.forward(self.out, context, mode, around);
      const selfAttention = self.attention;
      return { out: this.#mlp.forwardResidual(out, this.#norm3, mode), attention, selfAttention };
    }
    const add = (to: tf.Tensor3D, branch: tf.Tensor3D, name: string): tf.Tensor3D =>
      tf.add(to, dropPath(branch, this.#dropPath, mode, this.#random.scope(name)));
    const self = this.#selfAttention.forward(x, mode, { norm: norm1 });
    const mixed = add(x, self.out, 'drop_path1');
    const { out, attention } = this.#crossAttention.forward(mixed, context, mode, { norm: norm2 });
    const attended = add(mixed, out, 'drop_path2');
    const mlp = this.#mlp.forward(this.#norm3.forward(attended), mode);
    return { out: add(attended, mlp, 'drop_path3'), attention, selfAttention: self.attention };
  }
}
