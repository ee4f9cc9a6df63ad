/**
 * Attention rollouts: how much a token at the end looks at each patch of the image, attention followed back through all
 * layers. Letters of the shapes: B rows, L tokens of the backbone, N patch tokens, S slots.
 */
import * as tf from '@tensorflow/tfjs-core';

/** A sum below this is divided by as if it were this. */
const LEAST_SUM = 1e-8;

/** Over the sum of the last axis. (reference: `normalize_sum_to_one` in src/osc/utils.py) */
export function normalizeSum<T extends tf.Tensor>(x: T): T {
  return tf.tidy(() => tf.div<T>(x, tf.maximum(tf.sum(x, -1, true), LEAST_SUM)));
}

export interface SelfRolloutOptions {
  /** What several heads become, default their mean. */
  readonly heads?: 'mean' | 'max';
  /** Half of what a token attends to is itself, through the residual connection; default true. */
  readonly residual?: boolean;
}

/**
 * The product of the layers' attention, the last one leftmost: row q says where token q of the last layer looks in the
 * input.
 *
 * @param maps `[B, heads, L, L]` a block, the first block first (the reference sorts their names as text, so that its
 *   tenth block comes after the first)
 * @returns `[B, L, L]`
 *
 * Source: Abnar and Zuidema 2020, arXiv:2005.00928; `self_attn_rollout` in src/osc/viz/rollout.py.
 */
export function selfAttentionRollout(
  maps: readonly tf.Tensor4D[],
  { heads = 'mean', residual = true }: SelfRolloutOptions = {},
): tf.Tensor3D {
  requireMaps(maps);
  return tf.tidy(() => {
    const layers = maps.map((map) => {
      const reduced = heads === 'mean' ? tf.mean<tf.Tensor3D>(map, 1) : tf.max<tf.Tensor3D>(map, 1);
      return residual ? tf.div<tf.Tensor3D>(tf.add(reduced, tf.eye(map.shape[2])), 2) : reduced;
    });
    return layers.reduce((rollout, layer) => tf.matMul(layer, rollout));
  });
}

/**
 * Where each slot has looked over the iterations of slot attention: the sum of its distributions over patch tokens,
 * normalised after every iteration (`layer`: the last one counts half, the one before it a quarter, …) or once (`all`).
 *
 * @param maps `[B, S, N]` an iteration
 * @returns `[B, S, N]`, rows sum to one
 *
 * Source: `slot_attn_rollout` in src/osc/viz/rollout.py.
 */
export function slotAttentionRollout(maps: readonly tf.Tensor3D[], normalize: 'layer' | 'all' = 'layer'): tf.Tensor3D {
  requireMaps(maps);
  return tf.tidy(() => {
    const layers = maps.map((map) => normalizeSum(map));
    return normalize === 'layer'
      ? layers.reduce((rollout, layer) => normalizeSum(tf.add(layer, rollout)))
      : normalizeSum(tf.addN(layers));
  });
}

/**
 * Where each slot of a decoder looks: its blocks mix slots by self-attention and then read the patch tokens by
 * cross-attention. With `M` what the slots are made of and `R` where they look, a block does
 *
 *     M = M + self M,  R = R + self R,  R = R + (I + normalised (M - I))ᵀ cross
 *
 * @param self `[B, S, S]` a block, mean of the heads
 * @param cross `[B, S, N]` a block, mean of the heads
 * @returns `[B, S, N]`, rows sum to one
 *
 * Source: Chefer et al. 2021, arXiv:2103.15679; `cross_attn_rollout` in src/osc/viz/rollout.py.
 */
export function crossAttentionRollout(self: readonly tf.Tensor3D[], cross: readonly tf.Tensor3D[]): tf.Tensor3D {
  requireMaps(cross);
  if (self.length !== cross.length) {
    throw new RangeError(
      `${self.length} maps among slots and ${cross.length} to patch tokens are not of the same blocks.`,
    );
  }
  return tf.tidy(() => {
    const identity = tf.eye(cross[0]!.shape[1]);
    let mixed: tf.Tensor3D = tf.add(tf.zeros(self[0]!.shape), identity);
    let looks = tf.zeros<tf.Rank.R3>(cross[0]!.shape);
    self.forEach((among, block) => {
      mixed = tf.add(mixed, tf.matMul(among, mixed));
      looks = tf.add(looks, tf.matMul(among, looks));
      const parts = tf.add<tf.Tensor3D>(normalizeSum(tf.sub(mixed, identity)), identity);
      looks = tf.add(looks, tf.matMul(parts, cross[block]!, true, false));
    });
    return normalizeSum(looks);
  });
}

function requireMaps(maps: readonly tf.Tensor[]): void {
  if (maps.length === 0) throw new RangeError('A rollout needs the attention maps of at least one layer.');
}
