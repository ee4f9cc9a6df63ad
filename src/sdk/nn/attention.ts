import * as tf from '@tensorflow/tfjs-core';
import { Module, type Mode } from '../module';
import { dropout, dropoutMask } from '../ops/dropout';
import { crossAttention, crossAttentionMap, selfAttention, selfAttentionMap } from '../ops/multi-head-attention';
import type { RandomSource } from '../random';
import type { LinearInit } from './initializers';
import { Linear } from './linear';
import type { LayerInput } from './residual';

export interface AttentionConfig {
  /** C, a multiple of `numHeads`. */
  readonly dim: number;
  readonly numHeads: number;
  /** Bias of the q, k and v projections, default false. */
  readonly qkvBias?: boolean;
  /** Dropout of the output, default 0. */
  readonly dropout?: number;
  /** Dropout of the attention matrix, default 0. */
  readonly attentionDropout?: number;
  /** Default torch's. */
  readonly init?: LinearInit;
}

export interface AttentionOutput {
  /** `[B, L, C]` */
  readonly out: tf.Tensor3D;
  /** With `mode.attention`: `[B, heads, Lq, Lk]`, without gradient. */
  readonly attention?: tf.Tensor4D;
}

/** `residual + dropout(layer(x))`; in one op where nothing is dropped out. */
function project(
  layer: Linear,
  x: tf.Tensor3D,
  residual: tf.Tensor3D | null,
  drop: { rate: number; mode: Mode; random: RandomSource },
): tf.Tensor3D {
  if (!drop.mode.training || drop.rate === 0) return layer.forward(x, residual);
  const y = dropout(layer.forward(x), drop.rate, drop.mode, drop.random.scope('drop'));
  return residual ? tf.add(residual, y) : y;
}

function requireHeads({ dim, numHeads }: AttentionConfig): void {
  if (dim % numHeads !== 0) throw new RangeError(`${numHeads} heads do not divide a width of ${dim}.`);
}

/**
 * Multi-head self-attention. Parameters `proj_qkv.0.weight [3C, C]`, `proj_out.1.{weight,bias}`.
 *
 * The logits are not scaled by `1 / √d`: the reference (`src/osc/models/attentions.py`) computes a scale and never uses it,
 * and its weights have learned without.
 */
export class SelfAttention extends Module {
  readonly #qkv: Linear;
  readonly #out: Linear;
  readonly #config: AttentionConfig;
  readonly #random: RandomSource;

  constructor(config: AttentionConfig, random: RandomSource) {
    super();
    requireHeads(config);
    const { dim, qkvBias = false, init } = config;
    this.#qkv = this.child(
      'proj_qkv.0',
      new Linear({ in: dim, out: 3 * dim, bias: qkvBias, init }, random.scope('proj_qkv')),
    );
    this.#out = this.child('proj_out.1', new Linear({ in: dim, out: dim, init }, random.scope('proj_out')));
    this.#config = config;
    this.#random = random;
  }

  /** `[B, L, C]` → `[B, L, C]`, added to `residual`. */
  forward(input: LayerInput, mode: Mode, residual: tf.Tensor3D | null = null): AttentionOutput {
    const { numHeads: heads, dropout: rate = 0, attentionDropout = 0 } = this.#config;
    const qkv = this.#qkv.forward(input);
    const [batch, length] = qkv.shape;
    const mask = dropoutMask([batch, heads, length, length], attentionDropout, mode, this.#random.scope('attn_drop'));
    const context = selfAttention(qkv, { heads, scale: 1, dropout: mask as tf.Tensor4D | null });
    const out = project(this.#out, context, residual, { rate, mode, random: this.#random });
    return mode.attention ? { out, attention: selfAttentionMap(qkv, { heads, scale: 1 }) } : { out };
  }
}

/**
 * Multi-head attention of a sequence to another one, scaled by `1 / √d`.
 * Parameters `proj_q.0.weight [C, C]`, `proj_kv.0.weight [2C, C]`, `proj_out.1.{weight,bias}`.
 */
export class CrossAttention extends Module {
  readonly #q: Linear;
  readonly #kv: Linear;
  readonly #out: Linear;
  readonly #config: AttentionConfig;
  readonly #random: RandomSource;

  constructor(config: AttentionConfig, random: RandomSource) {
    super();
    requireHeads(config);
    const { dim, qkvBias: bias = false, init } = config;
    this.#q = this.child('proj_q.0', new Linear({ in: dim, out: dim, bias, init }, random.scope('proj_q')));
    this.#kv = this.child('proj_kv.0', new Linear({ in: dim, out: 2 * dim, bias, init }, random.scope('proj_kv')));
    this.#out = this.child('proj_out.1', new Linear({ in: dim, out: dim, init }, random.scope('proj_out')));
    this.#config = config;
    this.#random = random;
  }

  /**
   * @param input `[B, S, C]`
   * @param context `[B, L, C]`
   * @returns `[B, S, C]`, added to `residual`
   */
  forward(input: LayerInput, context: tf.Tensor3D, mode: Mode, residual: tf.Tensor3D | null = null): AttentionOutput {
    const { dim, numHeads: heads, dropout: rate = 0, attentionDropout = 0 } = this.#config;
    const scale = 1 / Math.sqrt(dim / heads);
    const q = this.#q.forward(input);
    const kv = this.#kv.forward(context);
    const shape = [q.shape[0], heads, q.shape[1], context.shape[1]];
    const mask = dropoutMask(shape, attentionDropout, mode, this.#random.scope('attn_drop'));
    const attended = crossAttention(q, kv, { heads, scale, dropout: mask as tf.Tensor4D | null });
    const out = project(this.#out, attended, residual, { rate, mode, random: this.#random });
    return mode.attention ? { out, attention: crossAttentionMap(q, kv, { heads, scale }) } : { out };
  }
}
