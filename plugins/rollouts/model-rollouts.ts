import * as tf from '@tensorflow/tfjs-core';
import type { ViewedModel } from 'osc-trainer/sdk';
import { crossAttentionRollout, normalizeSum, selfAttentionRollout, slotAttentionRollout } from './rollout';

/** Where a model looks in images. All are distributions over patches, as far as attention is one. */
export interface ModelRollouts {
  /** The patch tokens of the backbone, mean: `[B, N]`. */
  readonly backbone: tf.Tensor2D;
  /** The global representation: `[B, N]`. */
  readonly global: tf.Tensor2D;
  /** The slots; null where the model has none, or its object function gives no maps. */
  readonly slots: {
    /** In the backbone's patch tokens: `[B, S, N]`. */
    readonly tokens: tf.Tensor3D;
    /** In the image, through the backbone: `[B, S, N]`. */
    readonly image: tf.Tensor3D;
  } | null;
}

/**
 * Rollouts of a forward pass in evaluation mode. Those of slots follow the decoder's self-attention where the object
 * function gives it, and are the sum over iterations otherwise. (reference: `run_viz` in src/osc/train.py)
 *
 * Of `co-attention` only the side of the slots is followed: its patch tokens count as those of the backbone.
 *
 * @param images `[B, 3, H, W]`
 * @returns null for a backbone that gives no attention maps; the tensors are the caller's
 */
export function modelRollouts(model: ViewedModel, images: tf.Tensor4D): ModelRollouts | null {
  const tensors = tf.tidy(() => {
    const { attention } = model.forward(images, { training: false, step: 0, attention: true });
    if (attention === undefined || attention.backbone.length === 0) return {};
    const full = selfAttentionRollout(attention.backbone);
    const { patches, pooled } = withoutClassToken(full, model.dimensions.numTokens);
    const backbone = tf.mean<tf.Tensor2D>(patches, 1);
    if (attention.objects.length === 0) return { backbone, global: pooled };
    const { objects, slotSelfAttention = [] } = attention;
    const tokens =
      slotSelfAttention.length > 0 ? crossAttentionRollout(slotSelfAttention, objects) : slotAttentionRollout(objects);
    const image = tf.matMul<tf.Tensor3D>(tokens, patches);
    return { backbone, global: model.globalFromSlots ? tf.mean<tf.Tensor2D>(image, 1) : pooled, tokens, image };
  });
  if (!tensors.backbone) return null;
  const { backbone, global, tokens, image } = tensors;
  return { backbone, global, slots: tokens ? { tokens, image } : null };
}

/** Patch tokens to patches, and what is pooled to patches: the class token, or else all patch tokens alike. */
function withoutClassToken(full: tf.Tensor3D, numTokens: number): { patches: tf.Tensor3D; pooled: tf.Tensor2D } {
  if (full.shape[1] === numTokens) return { patches: full, pooled: tf.mean(full, 1) };
  const toPatches = tf.slice(full, [0, 0, 1], [-1, -1, -1]);
  const [classToken, patches] = tf.split<tf.Tensor3D>(toPatches, [1, numTokens], 1);
  return { patches: normalizeSum(patches!), pooled: normalizeSum(tf.squeeze<tf.Tensor2D>(classToken!, [1])) };
}
