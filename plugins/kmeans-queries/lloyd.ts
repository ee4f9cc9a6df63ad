/** What both k-means share: memberships, and iterating until nothing moves. */
import * as tf from '@tensorflow/tfjs-core';

export interface KMeansConfig {
  /** Default 20. */
  readonly maxIterations?: number;
  /** Stops when no centroid of the whole batch moved further than this in any coordinate; default 1e-6. */
  readonly tolerance?: number;
  /** Runs all iterations, of which those after the stop change nothing: the same result, without reading a value. */
  readonly unrolled?: boolean;
}

/** From the cluster of each point, int32 `[B, N]`, to `[B, S, N]`: 1 where a point is a member of a cluster, else 0. */
export function membersOf(clusters: tf.Tensor2D, numClusters: number): tf.Tensor3D {
  // not a one-hot: tfjs wants two classes or more for that
  const places = tf.expandDims(tf.range(0, numClusters, 1, 'int32'), 1);
  return tf.cast(tf.equal<tf.Tensor3D>(tf.expandDims(clusters, 1), places), 'float32');
}

/**
 * Updates centroids `[B, S, C]` until none of them moves, all samples of a batch together. A centroid that is not a number
 * never comes to rest.
 *
 * @param start is disposed of
 */
export function iterate(
  start: tf.Tensor3D,
  update: (centroids: tf.Tensor3D) => tf.Tensor3D,
  { maxIterations = 20, tolerance = 1e-6, unrolled = false }: KMeansConfig,
): tf.Tensor3D {
  if (unrolled) {
    const result = tf.tidy(() => iterateUnrolled(start, update, maxIterations, tolerance));
    if (result !== start) start.dispose();
    return result;
  }
  let centroids = start;
  for (let i = 0; i < maxIterations; i++) {
    const [next, moved] = tf.tidy(() => {
      const updated = update(centroids);
      return [updated, largestMove(centroids, updated)];
    }) as [tf.Tensor3D, tf.Scalar];
    const largest = moved.dataSync()[0]!;
    tf.dispose([centroids, moved]);
    centroids = next;
    if (largest < tolerance) break;
  }
  return centroids;
}

function iterateUnrolled(
  start: tf.Tensor3D,
  update: (centroids: tf.Tensor3D) => tf.Tensor3D,
  maxIterations: number,
  tolerance: number,
): tf.Tensor3D {
  let centroids = start;
  let done: tf.Tensor | undefined;
  for (let i = 0; i < maxIterations; i++) {
    const updated = update(centroids);
    const next = done === undefined ? updated : tf.where<tf.Tensor3D>(done, centroids, updated);
    done = tf.less(largestMove(centroids, next), tolerance); // stays true: centroids that are kept do not move
    centroids = next;
  }
  return centroids;
}

/** The largest change of a coordinate, over the batch: a scalar. */
function largestMove(before: tf.Tensor3D, after: tf.Tensor3D): tf.Scalar {
  const distance = tf.abs(tf.sub(after, before));
  // backends do not agree on the largest of numbers and NaN
  return tf.max(tf.where(tf.isNaN(distance), tf.fill(distance.shape, Infinity), distance));
}
