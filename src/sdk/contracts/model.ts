/**
 * Contracts of the parts of a model. Letters of the shapes: 2B = rows of a batch (two views of B images, A-major: rows i
 * and i + B show the same image), N = patch tokens, S = slots, C = embedding width.
 */
import type * as tf from '@tensorflow/tfjs-core';
import type { Mode, Module } from '../module';

/** Sizes every part of a model may need. */
export interface Dimensions {
  /** `[H, W]` of a crop, in pixels. */
  readonly imageSize: readonly [number, number];
  /** `[h, w]` patch tokens down and across; N = h * w. */
  readonly grid: readonly [number, number];
  /** N. */
  readonly numTokens: number;
  /** C. */
  readonly embedDim: number;
}

export interface BackboneOutput {
  /** Patch tokens `[2B, N, C]`. */
  readonly features: tf.Tensor3D;
  /** Pooled vector `[2B, C]`. */
  readonly pooled: tf.Tensor2D;
  /** With `mode.attention`: one map `[2B, heads, L, L]` a block (L = N, or N + 1 with a class token first). */
  readonly attention?: readonly tf.Tensor4D[];
}

/** Kind `backbone`. May inject `componentToken('pos_embed')` (or null) and `componentToken('pooling')`. */
export interface Backbone extends Module {
  /** @param images `[2B, 3, H, W]`, normalised */
  forward(images: tf.Tensor4D, mode: Mode): BackboneOutput;
}

/** The static side of a backbone class: sizes follow from its options before anything is built. */
export interface BackboneClass {
  /** @throws UsageError when the image size does not fit the options */
  dimensions(options: never, imageSize: readonly [number, number]): Dimensions;
}

/** Kind `pooling`: from tokens to one vector. */
export interface Pooling {
  /** The backbone prepends a class token (it takes part in attention). */
  readonly usesClassToken: boolean;
  /**
   * @param patchTokens `[2B, N, C]`
   * @param classToken `[2B, C]`, null where the backbone has none
   * @returns `[2B, C]`
   */
  pool(patchTokens: tf.Tensor3D, classToken: tf.Tensor2D | null): tf.Tensor2D;
}

/** Kind `pos_embed`. Injects `POS_EMBED_DROPOUT` and applies it after adding positions. */
export interface PosEmbed extends Module {
  /** Adds positions to patch tokens: `[2B, N, C]` → `[2B, N, C]`. */
  forward(tokens: tf.Tensor3D, mode: Mode): tf.Tensor3D;
}

/** Kind `obj_queries`: the tokens slots start from. */
export interface ObjQueries extends Module {
  /** S, where a call does not say another. */
  readonly numObjects: number;
  /**
   * @param features patch tokens `[2B, N, C]`
   * @param numObjects another S for this call
   * @returns `[2B, S, C]`
   * @throws UsageError where the strategy cannot give that S
   */
  queries(features: tf.Tensor3D, mode: Mode, numObjects?: number): tf.Tensor3D;
}

export interface ObjFnOutput {
  /** `[2B, S, C]` */
  readonly slots: tf.Tensor3D;
  /**
   * With `mode.attention`: one map `[2B, S, N]` an iteration or block, first one first; of several heads their mean.
   * Not differentiable.
   */
  readonly attention?: readonly tf.Tensor3D[];
  /**
   * With `mode.attention`, where slots attend to each other before they attend to patch tokens: one map `[2B, S, S]` for
   * each of `attention`, mean of the heads. Rollouts need them.
   */
  readonly slotSelfAttention?: readonly tf.Tensor3D[];
}

/** Kind `obj_fn`: from queries and patch tokens to slots. May inject `componentToken('pos_embed')` (or null). */
export interface ObjFn extends Module {
  /**
   * @param queries `[2B, S, C]`
   * @param features `[2B, N, C]`
   */
  forward(queries: tf.Tensor3D, features: tf.Tensor3D, mode: Mode): ObjFnOutput;
}

/** What a model computes. Slots are null where the architecture has none. */
export interface ModelOutputs {
  /** Patch tokens `[2B, N, C]`. */
  readonly fBackbone: tf.Tensor3D;
  /** Global representation `[2B, C]`. */
  readonly fGlobal: tf.Tensor2D;
  /** Its projection `[2B, C]`. */
  readonly pGlobal: tf.Tensor2D;
  /** Slots `[2B, S, C]`. */
  readonly fSlots: tf.Tensor3D | null;
  /** Their projections `[2B, S, C]`. */
  readonly pSlots: tf.Tensor3D | null;
  /** With `mode.attention`. */
  readonly attention?: {
    readonly backbone: readonly tf.Tensor4D[];
    readonly objects: readonly tf.Tensor3D[];
    /** As many as `objects`, or none where slots do not attend to each other. */
    readonly slotSelfAttention?: readonly tf.Tensor3D[];
  };
}

/** A learned map of the last axis, `[..., C]` → `[..., C]`. */
export interface Projection extends Module {
  forward<T extends tf.Tensor>(x: T, mode: Mode): T;
}

/** The built parts an architecture wires up. */
export interface ModelParts {
  readonly backbone: Backbone;
  readonly globalFn: Projection;
  readonly globalProj: Projection;
  readonly objQueries: ObjQueries | null;
  readonly objFn: ObjFn | null;
  readonly objProj: Projection | null;
}

/** Kind `architecture`: how the parts are wired. */
export interface Architecture {
  /** The architecture needs `obj_queries`, `obj_fn` and `obj_proj`; without them the model has no slots. */
  readonly usesObjects: boolean;
  /** The global representation is made of the mean of the slots, default false: of the backbone's pooled vector. */
  readonly globalFromSlots?: boolean;
  forward(parts: ModelParts, images: tf.Tensor4D, mode: Mode, numObjects?: number): ModelOutputs;
}
