import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { RandomSource } from 'osc-trainer/sdk';
import { testComponent, testOptions } from 'osc-trainer/sdk/testing';
import { assignments, kMeansEuclidean, KMeansEuclideanQueries } from './index';

testComponent(KMeansEuclideanQueries, { options: { num_objects: 3 } });
testOptions(KMeansEuclideanQueries, {
  valid: [{}],
  invalid: [{ options: { num_objects: 2.5 }, message: /num_objects/ }],
});

beforeAll(() => tf.setBackend('cpu'));

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

test('a single cluster is the mean', () => {
  const points = tf.tensor3d([0, 2, 7], [1, 3, 1]);
  expect(kMeansEuclidean(points, Int32Array.of(1)).dataSync()[0]).toBeCloseTo(3, 6);
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

describe('queries', () => {
  const queries = new KMeansEuclideanQueries({ num_objects: 2 }, new RandomSource(5));
  const indices = (training: boolean, step: number): number[] =>
    Array.from(queries.initialIndices(64, 8, { training, step }));

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
      expect.objectContaining({ name: 'UsageError', tries: ['model.obj_queries.num_objects=6'] }),
    );
  });

  test('leave no tensor behind', () => {
    const before = tf.memory().numTensors;
    queries.queries(clusters, { training: false, step: 0 }).dispose();
    expect(tf.memory().numTensors).toBe(before);
  });
});
