import type * as tf from '@tensorflow/tfjs-core';
import {
  component,
  inject,
  Module,
  OPTIONS,
  RANDOM,
  UsageError,
  z,
  type Mode,
  type ObjQueries,
  type RandomSource,
} from 'osc-trainer/sdk';
import { kMeansEuclidean } from './kmeans-euclidean';

const options = z.strictObject({
  num_objects: z.int().positive().default(11).describe('clusters, and so slots, of an image'),
});

/**
 * Queries are the centroids of a k-means clustering of an image's patch tokens. No parameters, and no gradient reaches
 * the backbone through them.
 *
 * In training the initial points change with every step; in evaluation they are always the same.
 */
@component({
  kind: 'obj_queries',
  name: 'kmeans_euclidean',
  summary: 'Centroids of a k-means clustering of the patch tokens',
  options,
  reference: 'src/osc/models/embeds.py',
})
export class KMeansEuclideanQueries extends Module implements ObjQueries {
  readonly numObjects: number;

  constructor(
    @inject(OPTIONS) { num_objects }: z.infer<typeof options>,
    @inject(RANDOM) private readonly random: RandomSource,
  ) {
    super();
    this.numObjects = num_objects;
  }

  queries(features: tf.Tensor3D, mode: Mode, numObjects = this.numObjects): tf.Tensor3D {
    const numTokens = features.shape[1];
    if (numObjects > numTokens) {
      throw new UsageError(
        `k-means cannot make ${numObjects} clusters of ${numTokens} patch tokens.`,
        'An image needs at least as many patches as slots.',
        [`model.obj_queries.num_objects=${numTokens}`],
      );
    }
    return kMeansEuclidean(features, this.initialIndices(numTokens, numObjects, mode));
  }

  /** Which patch tokens the centroids start from, shared by the batch: `numObjects` distinct indices below `numTokens`. */
  initialIndices(numTokens: number, numObjects: number, mode: Mode): Int32Array {
    const stream = mode.training ? this.random.stream('training', mode.step) : this.random.stream('evaluation');
    return stream.sample(numTokens, numObjects);
  }
}
