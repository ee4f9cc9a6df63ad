/** K-means on plain arrays. Letters: N points, C coordinates, K clusters. */
import type { RandomSource, RandomStream } from '../random';
import { countPoints, squaredDistance, type Points } from './points';

export interface KMeansResult {
  /** `[N]` */
  readonly clusters: Int32Array;
  /** Sum of the squared distances to the centroids. */
  readonly inertia: number;
}

/** Enough for what converges; what does not is as good then. */
const MAX_ITERATIONS = 300;

/**
 * The best of several k-means, by the sum of squared distances. Each starts from points that are drawn far apart (k-means++).
 *
 * @param starts how many
 * @param random start i draws from its stream `start` of index i
 *
 * Source: S. Lloyd, Least squares quantization in PCM, 1982; D. Arthur and S. Vassilvitskii, k-means++: the advantages of
 * careful seeding, 2007.
 */
export function kMeans(points: Points, numClusters: number, starts: number, random: RandomSource): KMeansResult {
  const runs = Array.from({ length: starts }, (_, start) =>
    lloyd(points, spreadPoints(points, numClusters, random.stream('start', start))),
  );
  return runs.reduce((best, run) => (run.inertia < best.inertia ? run : best));
}

/**
 * One k-means, until no point changes its cluster. A point belongs to the nearest centroid, the first of equals; a cluster
 * without points stays where it is.
 *
 * @param centroids `[K, C]`, overwritten
 * @param maxIterations after so many moves of the centroids it ends in any case
 */
export function lloyd(
  { values, width }: Points,
  centroids: Float64Array,
  maxIterations = MAX_ITERATIONS,
): KMeansResult {
  const clusters = new Int32Array(values.length / width).fill(-1);
  const numClusters = centroids.length / width;
  const sizes = new Int32Array(numClusters);
  for (let iteration = 0; ; iteration++) {
    let [changed, inertia] = [false, 0];
    for (let i = 0; i < clusters.length; i++) {
      let [nearest, least] = [0, Infinity];
      for (let k = 0; k < numClusters; k++) {
        const squared = squaredDistance(values, i * width, centroids, k * width, width);
        if (squared < least) [nearest, least] = [k, squared];
      }
      if (clusters[i] !== nearest) changed = true;
      clusters[i] = nearest;
      inertia += least;
    }
    if (!changed || iteration === maxIterations) return { clusters, inertia };
    sizes.fill(0);
    for (const cluster of clusters) sizes[cluster]!++;
    for (let k = 0; k < numClusters; k++) if (sizes[k]! > 0) centroids.fill(0, k * width, (k + 1) * width);
    for (let i = 0; i < clusters.length; i++) {
      const k = clusters[i]!;
      for (let c = 0; c < width; c++) centroids[k * width + c]! += values[i * width + c]!;
    }
    for (let j = 0; j < centroids.length; j++) centroids[j]! /= Math.max(1, sizes[Math.floor(j / width)]!);
  }
}

/**
 * K of the points, `[K, C]`, to start k-means from (k-means++): the first one anywhere, each other one with a chance as the
 * square of its distance from those before.
 */
export function spreadPoints(points: Points, numClusters: number, draws: RandomStream): Float64Array {
  const { values, width } = points;
  const count = countPoints(points);
  const chosen = new Float64Array(numClusters * width);
  const squares = new Float64Array(count).fill(Infinity);
  let next = draws.integer(count);
  for (let k = 0; k < numClusters; k++) {
    for (let c = 0; c < width; c++) chosen[k * width + c] = values[next * width + c]!;
    let total = 0;
    for (let i = 0; i < count; i++) {
      squares[i] = Math.min(squares[i]!, squaredDistance(values, i * width, chosen, k * width, width));
      total += squares[i]!;
    }
    let left = draws.uniform() * total;
    next = count - 1; // where rounding leaves something, or all points are chosen
    for (let i = 0; i < count; i++) {
      left -= squares[i]!;
      if (left >= 0) continue;
      next = i;
      break;
    }
  }
  return chosen;
}
