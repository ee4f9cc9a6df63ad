import * as tf from '@tensorflow/tfjs-core';
import { runKMeans, withoutGradient } from 'osc-trainer/sdk/ops';
import { iterate, membersOf, type KMeansConfig } from './lloyd';

/** The point of each sample that is nearest to the mean of its points, `[B, 1, C]`. */
function middleOf(points: tf.Tensor3D): tf.Tensor3D {
  const squares = tf.sum(tf.square(tf.sub(points, tf.mean(points, 1, true))), -1);
  const nearest = tf.expandDims<tf.Tensor2D>(tf.argMin(squares, -1), -1);
  return tf.matMul(membersOf(nearest, points.shape[1]), points, true, false);
}

/**
 * `[B, N, C]`, `[B, S, C]` → squared distances less the term that all centroids share, `[B, N, S]`.
 *
 * Both are taken from the middle of the points: `|c|² - 2 x·c` would lose its digits for features far from the origin. The
 * middle is a point, not the mean, so that differences of points on a grid are exact, and equally far is equal.
 */
function distances(points: tf.Tensor3D, centroids: tf.Tensor3D): tf.Tensor3D {
  const middle = middleOf(points);
  const fromMiddle = tf.sub<tf.Tensor3D>(centroids, middle);
  const products = tf.matMul(tf.sub(points, middle), fromMiddle, false, true);
  const norms = tf.expandDims(tf.sum(tf.square(fromMiddle), -1), 1);
  return tf.sub(norms, tf.mul(2, products));
}

/** The nearest centroid of each point, the first of equals: int32 `[B, N]`. */
export function assignments(points: tf.Tensor3D, centroids: tf.Tensor3D): tf.Tensor2D {
  return tf.argMin(distances(points, centroids), -1);
}

function update(points: tf.Tensor3D, centroids: tf.Tensor3D): tf.Tensor3D {
  const members = membersOf(assignments(points, centroids), centroids.shape[1]);
  const sizes = tf.sum(members, -1, true);
  const means = tf.div<tf.Tensor3D>(tf.matMul(members, points), tf.maximum(sizes, 1));
  const filled = tf.cast(tf.greater(sizes, 0), 'float32');
  return tf.add(tf.mul(filled, means), tf.mul(tf.sub(1, filled), centroids)); // an empty cluster stays where it is
}

/**
 * Lloyd's algorithm on each sample of a batch, without gradient.
 *
 * As in the reference (`src/osc/models/embeds.py`) all samples start from the points of the same indices, and stop together.
 *
 * @param points `[B, N, C]`
 * @param initialIndices S distinct indices of points
 * @returns centroids `[B, S, C]`
 */
export function kMeansEuclidean(
  points: tf.Tensor3D,
  initialIndices: Int32Array,
  config: KMeansConfig = {},
): tf.Tensor3D {
  return withoutGradient([points], () => {
    const start = tf.gather(points, tf.tensor1d(initialIndices, 'int32'), 1);
    const { maxIterations = 20, tolerance = 1e-6 } = config;
    return runKMeans(points, start, { cosine: false, maxIterations, tolerance }, () =>
      iterate(start, (centroids) => update(points, centroids), config),
    );
  });
}
