import * as tf from '@tensorflow/tfjs-core';
import { runOp, withGradient } from './op-registry';
import { withoutGradient } from './without-gradient';

export interface AttentionOptions {
  readonly heads: number;
  /** Factor of the logits; torch's default would be `1 / sqrt(C / heads)`. */
  readonly scale: number;
  /** Dropout of the attention matrix: `[B, heads, Lq, Lk]` of zeros and `1 / keep`, or null. */
  readonly dropout?: tf.Tensor4D | null;
}

// Inside, heads come first: [heads * B, L, d]. The packed tensor then needs one transpose, and q, k and v are contiguous
// slices of it.

/** `[B, L, parts * C]` → `parts` tensors `[heads * B, L, d]`. */
function toHeads(packed: tf.Tensor, parts: number, heads: number): tf.Tensor3D[] {
  const [batch, length, width] = packed.shape as [number, number, number];
  const d = width / (parts * heads);
  const split = tf.transpose(tf.reshape(packed, [batch, length, parts * heads, d]), [2, 0, 1, 3]);
  const flat = tf.reshape(split, [parts * heads * batch, length, d]) as tf.Tensor3D;
  if (parts === 1) return [flat];
  const rows = heads * batch;
  return Array.from({ length: parts }, (_, i) => tf.slice(flat, [i * rows, 0, 0], [rows, length, d]));
}

/** The inverse of {@link toHeads}. */
function fromHeads(parts: tf.Tensor3D[], heads: number): tf.Tensor3D {
  const [rows, length, d] = parts[0]!.shape;
  const flat = parts.length === 1 ? parts[0]! : tf.concat(parts, 0);
  const split = tf.reshape(flat, [parts.length * heads, rows / heads, length, d]);
  const side = tf.transpose(split, [1, 2, 0, 3]);
  return tf.reshape<tf.Rank.R3>(side, [rows / heads, length, parts.length * heads * d]);
}

function probabilities(q: tf.Tensor3D, k: tf.Tensor3D): tf.Tensor3D {
  return tf.softmax(tf.matMul<tf.Tensor3D>(q, k, false, true));
}

/** `[B, heads, Lq, Lk]` ↔ `[heads * B, Lq, Lk]`. */
function dropoutHeadsFirst(mask: tf.Tensor4D): tf.Tensor3D {
  const [batch, heads, lq, lk] = mask.shape;
  return tf.reshape(tf.transpose(mask, [1, 0, 2, 3]), [heads * batch, lq, lk]);
}

/** Attention of packed sources; the gradient goes to each source. */
function attend(
  sources: readonly tf.Tensor[],
  unpack: () => [tf.Tensor3D, tf.Tensor3D, tf.Tensor3D],
  pack: (dq: tf.Tensor3D, dk: tf.Tensor3D, dv: tf.Tensor3D) => tf.Tensor[],
  { heads, scale, dropout }: AttentionOptions,
): tf.Tensor3D {
  return withGradient<tf.Tensor3D>(sources, () => {
    const [unscaled, k, v] = unpack();
    const q = scale === 1 ? unscaled : tf.mul<tf.Tensor3D>(unscaled, scale);
    const p = probabilities(q, k);
    const mask = dropout ? dropoutHeadsFirst(dropout) : null;
    return {
      value: fromHeads([tf.matMul<tf.Tensor3D>(mask ? tf.mul<tf.Tensor3D>(p, mask) : p, v)], heads),
      saved: mask ? [q, k, v, p, mask] : [q, k, v, p],
      gradient: (dy, saved) => {
        const [q, k, v, p] = saved as [tf.Tensor3D, tf.Tensor3D, tf.Tensor3D, tf.Tensor3D];
        const dropped = saved.length > 4 ? tf.mul<tf.Tensor3D>(p, saved[4]!) : p;
        const dContext = toHeads(dy, 1, heads)[0]!;
        const dDropped = tf.matMul(dContext, v, false, true);
        const dp = saved.length > 4 ? tf.mul<tf.Tensor3D>(dDropped, saved[4]!) : dDropped;
        const weighted = tf.mul<tf.Tensor3D>(dp, p);
        const ds = tf.sub<tf.Tensor3D>(weighted, tf.mul(p, tf.sum(weighted, -1, true)));
        const dq = tf.matMul<tf.Tensor3D>(ds, k);
        return pack(
          scale === 1 ? dq : tf.mul<tf.Tensor3D>(dq, scale),
          tf.matMul(ds, q, true),
          tf.matMul(dropped, dContext, true),
        );
      },
    };
  });
}

/**
 * Self-attention on packed projections. Channels are q | k | v, then heads: channel `head * d + c` of each.
 *
 * @param qkv `[B, L, 3C]`
 * @returns `[B, L, C]`, heads side by side
 */
export function selfAttention(qkv: tf.Tensor3D, options: AttentionOptions): tf.Tensor3D {
  const { heads, scale, dropout } = options;
  const composed = (): tf.Tensor3D =>
    attend(
      [qkv],
      () => toHeads(qkv, 3, heads) as [tf.Tensor3D, tf.Tensor3D, tf.Tensor3D],
      (...gradients) => [fromHeads(gradients, heads)],
      options,
    );
  return dropout ? composed() : runOp('OscSelfAttention', { qkv }, { heads, scale }, composed);
}

/**
 * Cross-attention: queries of one sequence, keys and values of another.
 *
 * @param q `[B, S, C]`
 * @param kv `[B, L, 2C]`, k | v
 * @returns `[B, S, C]`
 */
export function crossAttention(q: tf.Tensor3D, kv: tf.Tensor3D, options: AttentionOptions): tf.Tensor3D {
  const { heads, scale, dropout } = options;
  const composed = (): tf.Tensor3D =>
    attend(
      [q, kv],
      () => [toHeads(q, 1, heads)[0]!, ...(toHeads(kv, 2, heads) as [tf.Tensor3D, tf.Tensor3D])],
      (dq, dk, dv) => [fromHeads([dq], heads), fromHeads([dk, dv], heads)],
      options,
    );
  return dropout ? composed() : runOp('OscCrossAttention', { q, kv }, { heads, scale }, composed);
}

function mapOf(
  q: tf.Tensor3D,
  k: tf.Tensor3D,
  { heads, scale }: Pick<AttentionOptions, 'heads' | 'scale'>,
): tf.Tensor4D {
  const p = probabilities(scale === 1 ? q : tf.mul<tf.Tensor3D>(q, scale), k);
  const [rows, lq, lk] = p.shape;
  return tf.transpose(tf.reshape(p, [heads, rows / heads, lq, lk]), [1, 0, 2, 3]);
}

/** The attention matrix of {@link selfAttention} before dropout, without gradient: `[B, heads, L, L]`. */
export function selfAttentionMap(qkv: tf.Tensor3D, options: Pick<AttentionOptions, 'heads' | 'scale'>): tf.Tensor4D {
  return withoutGradient([qkv], () => {
    const [q, k] = toHeads(qkv, 3, options.heads);
    return mapOf(q!, k!, options);
  });
}

/** The attention matrix of {@link crossAttention} before dropout, without gradient: `[B, heads, S, L]`. */
export function crossAttentionMap(
  q: tf.Tensor3D,
  kv: tf.Tensor3D,
  options: Pick<AttentionOptions, 'heads' | 'scale'>,
): tf.Tensor4D {
  return withoutGradient([q, kv], () =>
    mapOf(toHeads(q, 1, options.heads)[0]!, toHeads(kv, 2, options.heads)[0]!, options),
  );
}
