/** k-means of our engines against the composed one on the `cpu` backend. */
import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { kMeansCosine, kMeansEuclidean } from '../../plugins/kmeans-queries';
import { CHECKS, expectAsOnCpu, normals, tensorOf, type Values } from '../../src/engine/native/engines.fixture';

const size = fc.integer({ min: 1, max: 70 });
const kMeansCase = fc
  .record({
    seed: fc.nat(1e6),
    batch: fc.integer({ min: 1, max: 5 }),
    points: size,
    clusters: fc.integer({ min: 1, max: 12 }),
    width: size,
  })
  .map(({ seed, batch, points, clusters, width }) => ({
    points: normals(seed)([batch, points, width]),
    start: Int32Array.from({ length: Math.min(clusters, points) }, (_, i) => i),
  }));

function centroids({ points, start }: { points: Values; start: Int32Array }): Float32Array[] {
  const ofEverySample = Int32Array.from(
    { length: points.shape[0]! * start.length },
    (_, i) => start[i % start.length]!,
  );
  const results: Float32Array[] = [];
  tf.tidy(() => {
    const x = tensorOf(points) as tf.Tensor3D;
    for (const found of [
      kMeansEuclidean(x, start, { maxIterations: 4 }),
      kMeansCosine(x, ofEverySample, { maxIterations: 4 }),
    ]) {
      results.push(found.dataSync<'float32'>());
    }
  });
  return results;
}

beforeAll(() => {
  tf.enableProdMode();
});

test('k-means is as on cpu, by distance and by angle', async () => {
  const property = fc.asyncProperty(kMeansCase, async (drawn) => {
    await expectAsOnCpu(() => centroids(drawn), 5e-5, `points [${drawn.points.shape.join()}]`);
  });
  await fc.assert(property, CHECKS);
});

test('on a grid, where points are as far from one centroid as from another, they join the same one as on cpu', async () => {
  const grid = fc.record({ seed: fc.nat(1e6), batch: fc.integer({ min: 1, max: 3 }) }).map(({ seed, batch }) => {
    const points = normals(seed)([batch, 40, 3]);
    points.data.forEach((value, i) => (points.data[i] = Math.round(2 * value)));
    return { points, start: Int32Array.of(0, 1, 2, 3, 4, 5) };
  });
  const once = ({ points, start }: { points: Values; start: Int32Array }): Float32Array[] => {
    const found = tf.tidy(() =>
      kMeansEuclidean(tensorOf(points) as tf.Tensor3D, start, { maxIterations: 1 }).dataSync<'float32'>(),
    );
    return [found];
  };
  const property = fc.asyncProperty(grid, async (drawn) => expectAsOnCpu(() => once(drawn), 1e-6, 'grid'));
  await fc.assert(property, CHECKS);
});
