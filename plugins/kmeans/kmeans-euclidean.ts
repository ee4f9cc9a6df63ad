import * as tf from '@tensorflow/tfjs-core';
import { withoutGradient } from 'osc-trainer/sdk';

export interface KMeansConfig {
  /** Default 20. */
  readonly maxIterations?: number;
  /** Stops when no centroid of the whole batch moved further than this in any coordinate; default 1e-6. */
  readonly tolerance?: number;
}

/**
 * `[B, N, C]`, `[B, S, C]` → squared distances less the term that all centroids share, `[B, N, S]`.
 *
 * Both are taken from the mean of the points: `|c|² - 2 x·c` would lose its digits for features far from the origin.
 */
function distances(points: tf.Tensor3D, centroids: tf.Tensor3D): tf.Tensor3D {
  const mean = tf.mean(points, 1, true);
  const fromMean = tf.sub<tf.Tensor3D>(centroids, mean);
  const products = tf.matMul(tf.sub(points, mean), tf.transpose(fromMean, [0, 2, 1]));
  const norms = tf.expandDims(tf.sum(tf.square(fromMean), -1), 1);
  return tf.sub(norms, tf.mul(2, products));
}

/** The nearest centroid of each point, the first of equals: int32 `[B, N]`. */
export function assignments(points: tf.Tensor3D, centroids: tf.Tensor3D): tf.Tensor2D {
  return tf.argMin(distances(points, centroids), -1);
}

function iterate(points: tf.Tensor3D, centroids: tf.Tensor3D): tf.Tensor3D {
  const nearest = tf.expandDims(assignments(points, centroids), -1);
  const clusters = tf.range(0, centroids.shape[1], 1, 'int32'); // tf.oneHot refuses a single cluster
  const members = tf.cast(tf.equal(nearest, clusters), 'float32') as tf.Tensor3D; // [B, N, S]
  const membersOf = tf.transpose(members, [0, 2, 1]); // [B, S, N]
  const sizes = tf.sum(membersOf, -1, true);
  const means = tf.div<tf.Tensor3D>(tf.matMul(membersOf, points), tf.maximum(sizes, 1));
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
  { maxIterations = 20, tolerance = 1e-6 }: KMeansConfig = {},
): tf.Tensor3D {
  return withoutGradient([points], () => {
    let centroids = tf.gather(points, tf.tensor1d(initialIndices, 'int32'), 1);
    for (let i = 0; i < maxIterations; i++) {
      const [next, moved] = tf.tidy(() => {
        const updated = iterate(points, centroids);
        return [updated, tf.max(tf.abs(tf.sub(updated, centroids)))];
      }) as [tf.Tensor3D, tf.Scalar];
      const largest = moved.dataSync()[0]!;
      tf.dispose([centroids, moved]);
      centroids = next;
      if (largest < tolerance) break;
    }
    return centroids;
  });
}
