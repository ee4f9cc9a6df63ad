import type * as tf from '@tensorflow/tfjs-core';
import { runOp } from './op-registry';

export interface KMeansAttributes {
  /** By the angle instead of the distance: points have length 1, and so have centroids. */
  readonly cosine: boolean;
  readonly maxIterations: number;
  readonly tolerance: number;
}

/**
 * The engine's k-means, or else the caller's own: Lloyd's iterations. A point belongs to the nearest centroid, the first of
 * equals; an empty cluster stays where it is; all samples stop together, when no coordinate of any centroid moved by
 * `tolerance` or more. No gradient.
 *
 * @param points `[B, N, C]`
 * @param start `[B, S, C]`
 * @returns the centroids, `[B, S, C]`
 */
export function runKMeans(
  points: tf.Tensor3D,
  start: tf.Tensor3D,
  attributes: KMeansAttributes,
  composed: () => tf.Tensor3D,
): tf.Tensor3D {
  return runOp('OscKMeans', { x: points, start }, attributes, composed);
}
