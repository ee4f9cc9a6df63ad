import { countPoints, squaredDistance, type Points } from 'osc-trainer/sdk/metrics';

/** Two clusters, each named by one of its points, that become one. */
interface Merge {
  readonly a: number;
  readonly b: number;
  readonly height: number;
}

/**
 * Agglomerative clustering by the mean distance of all pairs of points of two clusters (UPGMA): every point starts alone, and
 * the two nearest clusters become one until K are left.
 *
 * By chains of nearest neighbours, O(N²) in time and memory: the merges are those of always taking the nearest pair, found in
 * another order and sorted. Distances and what becomes of them are float64.
 *
 * @param distance `cosine` is 1 less the cosine, for points of length 1 (`directions`)
 * @returns `[N]`: the cluster of each point, numbered by their first points
 *
 * Source: F. Murtagh, A survey of recent advances in hierarchical clustering algorithms, 1983; as
 * `scipy.cluster.hierarchy.linkage` and scikit-learn's `AgglomerativeClustering(linkage="average")`.
 */
export function averageLinkage(points: Points, numClusters: number, distance: 'euclidean' | 'cosine'): Int32Array {
  const count = countPoints(points);
  const merges = allMerges(distancesOf(points, distance), count).sort((one, other) => one.height - other.height);
  const parent = Int32Array.from({ length: count }, (_, i) => i);
  const rootOf = (i: number): number => {
    while (parent[i] !== i) i = parent[i] = parent[parent[i]!]!;
    return i;
  };
  // the lower merges are what is inside the clusters
  for (const { a, b } of merges.slice(0, Math.max(0, count - numClusters))) parent[rootOf(a)] = rootOf(b);
  const numbers = new Map<number, number>();
  return Int32Array.from(parent, (_, i) => {
    const root = rootOf(i);
    const number = numbers.get(root) ?? numbers.size;
    numbers.set(root, number);
    return number;
  });
}

/** `[N, N]` */
function distancesOf(points: Points, distance: 'euclidean' | 'cosine'): Float64Array {
  const { values, width } = points;
  const count = countPoints(points);
  const distances = new Float64Array(count * count);
  for (let i = 0; i < count; i++) {
    for (let j = 0; j < i; j++) {
      const squared = squaredDistance(values, i * width, values, j * width, width);
      // of points of length 1 half the square is 1 less the cosine
      const apart = distance === 'cosine' ? squared / 2 : Math.sqrt(squared);
      distances[i * count + j] = distances[j * count + i] = apart;
    }
  }
  return distances;
}

/**
 * The N - 1 merges that make one cluster of all points. A chain goes from cluster to nearest cluster until two are each other's
 * nearest: those are merged, since no other merge can bring anything nearer to them than they are.
 *
 * @param distances `[N, N]`, overwritten
 */
function allMerges(distances: Float64Array, count: number): Merge[] {
  // a cluster lives in the row of its last merged point; sizes of the others are 0
  const sizes = new Int32Array(count).fill(1);
  const alive = Int32Array.from({ length: count }, (_, i) => i);
  let numAlive = count;
  const chain: number[] = [];
  const merges: Merge[] = [];
  while (numAlive > 1) {
    if (chain.length === 0) chain.push(alive[0]!);
    const top = chain.at(-1)!;
    const before = chain.at(-2) ?? -1;
    // among equals the one before, or chains would not end
    let nearest = before;
    let least = before < 0 ? Infinity : distances[top * count + before]!;
    for (let i = 0; i < numAlive; i++) {
      const other = alive[i]!;
      if (other === top || distances[top * count + other]! >= least) continue;
      least = distances[top * count + other]!;
      nearest = other;
    }
    if (nearest !== before) {
      chain.push(nearest);
      continue;
    }
    chain.length -= 2;
    merges.push({ a: top, b: nearest, height: least });
    const [ofTop, ofNearest] = [sizes[top]!, sizes[nearest]!];
    let kept = 0;
    for (let i = 0; i < numAlive; i++) {
      const other = alive[i]!;
      if (other === top) continue;
      alive[kept++] = other;
      if (other === nearest) continue;
      const sum = ofTop * distances[top * count + other]! + ofNearest * distances[nearest * count + other]!;
      distances[nearest * count + other] = distances[other * count + nearest] = sum / (ofTop + ofNearest);
    }
    numAlive = kept;
    sizes[nearest] = ofTop + ofNearest;
  }
  return merges;
}
