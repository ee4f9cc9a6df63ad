/** Clusters of tokens against scikit-learn and SciPy (`make_expected.py`). */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { RandomSource } from 'osc-trainer/sdk';
import { kMeans, lloyd } from 'osc-trainer/sdk/metrics';
import { averageLinkage, directions } from '../../../plugins/clusters';

interface Cut {
  readonly k: number;
  readonly euclidean: number[];
  readonly cosine: number[];
  /** From given points, and the least sum of squares that was found from many others. */
  readonly k_means: { start: number[]; labels: number[]; inertia: number; best: number };
}

interface Case {
  readonly name: string;
  readonly width: number;
  readonly points: number[];
  readonly cuts: Cut[];
}

const { cases } = JSON.parse(readFileSync(join(__dirname, 'expected.json'), 'utf8')) as { cases: Case[] };

/** Clusters numbered by their first points. */
function numbered(clusters: ArrayLike<number>): number[] {
  const numbers = new Map<number, number>();
  return Array.from(clusters, (cluster) => {
    if (!numbers.has(cluster)) numbers.set(cluster, numbers.size);
    return numbers.get(cluster)!;
  });
}

describe.each(cases)('$name', ({ width, points: values, cuts }) => {
  const points = { values: Float32Array.from(values), width };

  test.each(cuts)('average linkage, $k clusters', ({ k, euclidean, cosine }) => {
    expect([...averageLinkage(points, k, 'euclidean')]).toEqual(numbered(euclidean));
    expect([...averageLinkage(directions(points), k, 'cosine')]).toEqual(numbered(cosine));
  });

  test.each(cuts)('k-means, $k clusters', ({ k, k_means: { start, labels, inertia, best } }) => {
    const fitted = lloyd(points, Float64Array.from(start));
    expect([...fitted.clusters]).toEqual(labels);
    expect(Math.abs(fitted.inertia - inertia)).toBeLessThan(1e-9 * (1 + inertia));
    // many starts find what many of scikit-learn's find, or nearly
    expect(kMeans(points, k, 50, new RandomSource(0)).inertia).toBeLessThan(1.01 * best + 1e-9);
  });
});
