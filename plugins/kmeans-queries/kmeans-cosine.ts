import * as tf from '@tensorflow/tfjs-core';
import { l2Normalize, runKMeans, withoutGradient } from 'osc-trainer/sdk/ops';
import { iterate, membersOf, type KMeansConfig } from './lloyd';

export interface KMeansCosineConfig extends KMeansConfig {
  /**
   * What becomes of a cluster that has no members, or whose members cancel out. It keeps its centroid by default. `nan` is
   * what the reference does (0 / 0, which then takes all points), for comparisons with it.
   */
  readonly emptyClusters?: 'keep' | 'nan';
}

/** The centroid most like each point, the first of equals, one that is not a number before all others: int32 `[B, N]`. */
export function cosineAssignments(points: tf.Tensor3D, centroids: tf.Tensor3D): tf.Tensor2D {
  const similarity = tf.matMul(points, centroids, false, true);
  return tf.argMax(tf.where(tf.isNaN(similarity), tf.fill(similarity.shape, Infinity), similarity), -1);
}

function update(
  points: tf.Tensor3D,
  centroids: tf.Tensor3D,
  emptyClusters: KMeansCosineConfig['emptyClusters'],
): tf.Tensor3D {
  // sums point the way means do, and their length does not matter
  const sums = tf.matMul<tf.Tensor3D>(membersOf(cosineAssignments(points, centroids), centroids.shape[1]), points);
  const lengths = tf.sqrt(tf.sum(tf.square(sums), -1, true));
  if (emptyClusters === 'nan') return tf.div(sums, lengths);
  const filled = tf.cast(tf.greater(lengths, 0), 'float32');
  const directions = tf.div(sums, tf.add(lengths, tf.sub(1, filled)));
  return tf.add(tf.mul(filled, directions), tf.mul(tf.sub(1, filled), centroids));
}

/**
 * Spherical k-means on each sample of a batch, without gradient: points and centroids have length 1, and a point belongs to
 * the centroid with the largest cosine. All samples stop together, as in the reference (`src/osc/models/embeds.py`).
 *
 * @param features `[B, N, C]`, of any length
 * @param initialIndices `[B, S]`, row by row: the points that each sample starts from
 * @returns centroids `[B, S, C]`
 */
export function kMeansCosine(
  features: tf.Tensor3D,
  initialIndices: Int32Array,
  { emptyClusters = 'keep', ...config }: KMeansCosineConfig = {},
): tf.Tensor3D {
  const [batch, numPoints, c] = features.shape;
  const numClusters = initialIndices.length / batch;
  return withoutGradient([features], () => {
    const points = l2Normalize(features);
    const places = initialIndices.map((index, i) => Math.floor(i / numClusters) * numPoints + index);
    const start = tf.gather(tf.reshape(points, [batch * numPoints, c]), tf.tensor1d(places, 'int32'));
    const centroids = tf.reshape<tf.Rank.R3>(start, [batch, numClusters, c]);
    const composed = (): tf.Tensor3D => iterate(centroids, (old) => update(points, old, emptyClusters), config);
    if (emptyClusters === 'nan') return composed();
    const { maxIterations = 20, tolerance = 1e-6 } = config;
    return runKMeans(points, centroids, { cosine: true, maxIterations, tolerance }, composed);
  });
}
