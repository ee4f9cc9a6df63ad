import type * as tf from '@tensorflow/tfjs-core';
import { runOp } from './op-registry';

/**
 * Inputs `points [B, N, C]`, `start [B, S, C]`; attributes of {@link KMeansAttributes}; output `[B, S, C]`: centroids after
 * Lloyd's iterations. A point belongs to the nearest centroid, the first of equals; an empty cluster stays where it is; all
 * samples stop together, when no coordinate of any centroid moved by `tolerance` or more. No gradient.
 */
export const K_MEANS_KERNEL = 'OscKMeans';

export interface KMeansAttributes {
  /** By the angle instead of the distance: points have length 1, and so have centroids. */
  readonly cosine: boolean;
  readonly maxIterations: number;
  readonly tolerance: number;
}

/** The engine's k-means, or else the caller's own. */
export function runKMeans(
  points: tf.Tensor3D,
  start: tf.Tensor3D,
  attributes: KMeansAttributes,
  composed: () => tf.Tensor3D,
): tf.Tensor3D {
  return runOp(K_MEANS_KERNEL, { points, start }, { ...attributes }, composed);
}
