import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { RandomSource } from 'osc-trainer/sdk';
import { testComponent, testOptions } from 'osc-trainer/sdk/testing';
import {
  assignments,
  cosineAssignments,
  kMeansCosine,
  KMeansCosineQueries,
  kMeansEuclidean,
  KMeansEuclideanQueries,
  type KMeansConfig,
} from './index';

testComponent(KMeansEuclideanQueries, { options: { num_objects: 3 } });
testComponent(KMeansCosineQueries, { options: { num_objects: 3 } });
testOptions(KMeansCosineQueries, { valid: [{ num_objects: 1 }], invalid: [{ options: { tol: 1 }, message: /tol/ }] });
testOptions(KMeansEuclideanQueries, {
  valid: [{}],
  invalid: [{ options: { num_objects: 2.5 }, message: /num_objects/ }],
});

beforeAll(() => {
  tf.enableProdMode();
  return tf.setBackend('cpu');
});

const clusters = tf.tensor3d([0, 0, 0, 1, 10, 10, 10, 11, -10, 0, -10, 1], [1, 6, 2]);

test('finds clusters that are far apart', () => {
  const centroids = kMeansEuclidean(clusters, Int32Array.of(0, 2, 4));
  expect(centroids.arraySync()).toEqual([
    [
      [0, 0.5],
      [10, 10.5],
      [-10, 0.5],
    ],
  ]);
  expect(Array.from(assignments(clusters, centroids).dataSync())).toEqual([0, 0, 1, 1, 2, 2]);
});

test('of equal centroids the first wins, and an empty cluster stays where it is', () => {
  const points = tf.tensor3d([1, 1, 1, 1, 5, 5], [1, 3, 2]);
  const [centroids] = kMeansEuclidean(points, Int32Array.of(0, 1, 2)).arraySync();
  expect(centroids).toEqual([
    [1, 1],
    [1, 1],
    [5, 5],
  ]);
});

test.each([
  [
    [2, 2, 3, 3, 3, 0, 3, 2, 0, 3, 1, 0, 0, 2],
    [0, 1, 0, 0, 0, 0, 0],
  ],
  [
    [1, 3, 3, 3, 2, 0, 0, 1, 1, 3, 2, 3, 1, 1],
    [0, 1, 0, 0, 0, 0, 0],
  ],
  [
    [0, 1, 0, 3, 3, 0, 2, 1, 2, 2, 0, 0, 0, 3],
    [0, 1, 0, 0, 0, 0, 1],
  ],
])('of equally far centroids the first wins, whatever the mean of the points %j is', (coordinates, nearest) => {
  const points = tf.tensor3d(coordinates, [1, 7, 2]);
  expect(Array.from(assignments(points, tf.slice(points, [0, 0, 0], [1, 2, 2])).dataSync())).toEqual(nearest);
});

test('a single cluster is the mean', () => {
  const [centroid] = kMeansEuclidean(clusters, Int32Array.of(3)).arraySync()[0]!;
  [0, 23 / 6].forEach((mean, i) => expect(centroid![i]).toBeCloseTo(mean, 5));
});

test('features far from the origin are told apart as well as near it', () => {
  const values = new RandomSource(1).stream('points').normals(64);
  const near = tf.tensor3d(values, [1, 32, 2]);
  // multiples of 2^-10 stay exact when 1024 is added
  const exact = tf.div<tf.Tensor3D>(tf.round(tf.mul(near, 1024)), 1024);
  const start = Int32Array.of(0, 5, 9, 20);
  const assigned = (points: tf.Tensor3D): number[] =>
    Array.from(assignments(points, kMeansEuclidean(points, start)).dataSync());
  expect(assigned(tf.add(exact, 1024))).toEqual(assigned(exact));
});

test('no gradient flows through', () => {
  const [gradient] = tf.grads((x: tf.Tensor) => tf.sum(kMeansEuclidean(x as tf.Tensor3D, Int32Array.of(0, 3))))([
    clusters,
  ]);
  expect(new Set(gradient!.dataSync())).toEqual(new Set([0]));
});

describe('by direction', () => {
  // three directions, at different lengths
  const rays = tf.tensor3d([1, 0, 5, 0.5, 0, 2, 0.1, 0.9, -3, 0, -1, 0.1], [1, 6, 2]);
  const unit = (x: number, y: number): number[] => [x / Math.hypot(x, y), y / Math.hypot(x, y)];

  test('finds directions whatever the lengths; centroids have length 1', () => {
    const centroids = kMeansCosine(rays, Int32Array.of(0, 2, 4));
    const [first] = centroids.arraySync()[0]!;
    const [a, b] = [unit(1, 0), unit(5, 0.5)];
    unit(a[0]! + b[0]!, a[1]! + b[1]!).forEach((x, i) => expect(first![i]).toBeCloseTo(x, 5));
    for (const length of tf.norm(centroids, 2, -1).dataSync()) expect(length).toBeCloseTo(1, 5);
    expect(Array.from(cosineAssignments(rays, centroids).dataSync())).toEqual([0, 0, 1, 1, 2, 2]);
  });

  test('each image starts from points of its own', () => {
    const two = tf.concat([rays, tf.reverse(rays, 1)]) as tf.Tensor3D;
    const once = { maxIterations: 0 };
    const [a, b] = kMeansCosine(two, Int32Array.of(0, 2, 1, 5), once).arraySync();
    expect(a).toEqual([unit(1, 0), unit(0, 2)]);
    unit(-3, 0).forEach((x, i) => expect(b![0]![i]).toBeCloseTo(x, 5));
    expect(b![1]).toEqual(unit(1, 0));
  });

  test('a cluster without members keeps its centroid, and so does one whose members cancel out', () => {
    const duplicates = kMeansCosine(rays, Int32Array.of(0, 0, 2), { maxIterations: 1 }).arraySync()[0]!;
    expect(duplicates[1]).toEqual([1, 0]);
    expect(duplicates.flat().every(Number.isFinite)).toBe(true);
    const opposite = tf.tensor3d([1, 0, -1, 0], [1, 2, 2]);
    expect(kMeansCosine(opposite, Int32Array.of(0)).arraySync()).toEqual([[[1, 0]]]);
  });

  test('nan does as the reference: such a cluster is 0 / 0, and then takes all points', () => {
    const run = (maxIterations: number): number[][] =>
      kMeansCosine(rays, Int32Array.of(0, 0, 2), { emptyClusters: 'nan', maxIterations }).arraySync()[0]!;
    const lost = (centroids: number[][]): boolean[] => centroids.map((centroid) => centroid.some(Number.isNaN));
    expect(lost(run(1))).toEqual([false, true, false]);
    expect(lost(run(2))).toEqual([true, false, true]);
    expect(lost(run(3))).toEqual([false, true, true]);
  });

  test('no gradient flows through', () => {
    const [gradient] = tf.grads((x: tf.Tensor) => tf.sum(kMeansCosine(x as tf.Tensor3D, Int32Array.of(0, 3))))([rays]);
    expect(new Set(gradient!.dataSync())).toEqual(new Set([0]));
  });
});

describe('queries', () => {
  const queries = new KMeansEuclideanQueries({ num_objects: 2 }, new RandomSource(5));
  const indices = (training: boolean, step: number): number[] =>
    Array.from(queries.draws({ training, step }).sample(64, 8));

  test('start from distinct tokens, others each step of training, the same in evaluation', () => {
    expect(new Set(indices(true, 1)).size).toBe(8);
    expect(indices(true, 1)).toEqual(indices(true, 1));
    expect(indices(true, 1)).not.toEqual(indices(true, 2));
    expect(indices(false, 1)).toEqual(indices(false, 2));
  });

  test('their number may differ from call to call, up to the number of tokens', () => {
    const mode = { training: false, step: 0 };
    expect(queries.queries(clusters, mode).shape).toEqual([1, 2, 2]);
    expect(queries.queries(clusters, mode, 4).shape).toEqual([1, 4, 2]);
    expect(() => queries.queries(clusters, mode, 7)).toThrow(
      expect.objectContaining({ name: 'UsageError', hints: ['model.obj_queries.num_objects=6'] }),
    );
  });

  test('by direction are never NaN, and their number may differ too', () => {
    const cosine = new KMeansCosineQueries({ num_objects: 2 }, new RandomSource(5));
    const tokens = tf.tensor3d(new RandomSource(1).stream('tokens').normals(8 * 6 * 3), [8, 6, 3]);
    for (let step = 0; step < 10; step++) {
      const all = cosine.queries(tokens, { training: true, step }, 6); // as many clusters as tokens
      expect(all.shape).toEqual([8, 6, 3]);
      expect(all.dataSync().every(Number.isFinite)).toBe(true);
    }
    expect(() => cosine.queries(tokens, { training: true, step: 0 }, 7)).toThrow(
      expect.objectContaining({ name: 'UsageError' }),
    );
  });

  test('leave no tensor behind', () => {
    const cosine = new KMeansCosineQueries({ num_objects: 2 }, new RandomSource(5));
    const before = tf.memory().numTensors;
    for (const each of [queries, cosine]) each.queries(clusters, { training: false, step: 0 }).dispose();
    expect(tf.memory().numTensors).toBe(before);
  });
});

test.each([1, 5, 9])('unrolled, without reading a value: the same clusters (%i of them)', (numClusters) => {
  const points = tf.randomNormal<tf.Rank.R3>([3, 40, 4], 0, 1, 'float32', numClusters);
  const ofEuclidean = Int32Array.from({ length: numClusters }, (_, i) => 3 * i);
  const ofCosine = Int32Array.from({ length: 3 * numClusters }, (_, i) => i % 40);
  for (const maxIterations of [2, 20]) {
    for (const cluster of [
      (config: KMeansConfig) => kMeansEuclidean(points, ofEuclidean, config),
      (config: KMeansConfig) => kMeansCosine(points, ofCosine, config),
    ]) {
      const expected = cluster({ maxIterations });
      const before = tf.memory().numTensors;
      const unrolled = cluster({ maxIterations, unrolled: true });
      expect(tf.memory().numTensors).toBe(before + 1);
      expect(Array.from(unrolled.dataSync())).toEqual(Array.from(expected.dataSync()));
    }
  }
});
