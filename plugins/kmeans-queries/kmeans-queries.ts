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
  type RandomStream,
} from 'osc-trainer/sdk';
import { kMeansCosine } from './kmeans-cosine';
import { kMeansEuclidean } from './kmeans-euclidean';
import type { KMeansConfig } from './lloyd';

const options = z.strictObject({
  num_objects: z
    .int()
    .positive()
    .default(11)
    .describe('clusters, and so slots, of an image; at most as many as patches'),
});

/**
 * Queries are the centroids of a k-means clustering of an image's patch tokens. No parameters, and no gradient reaches
 * the backbone through them.
 *
 * In training the initial points change with every step; in evaluation they are always the same.
 */
abstract class KMeansQueries extends Module implements ObjQueries {
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
    return this.cluster(features, numObjects, this.draws(mode), { unrolled: mode.recording ?? false });
  }

  /** `[2B, N, C]` → `[2B, numObjects, C]` */
  protected abstract cluster(
    features: tf.Tensor3D,
    numObjects: number,
    draws: RandomStream,
    config: KMeansConfig,
  ): tf.Tensor3D;

  /** What the initial points of a call are drawn from. */
  draws(mode: Mode): RandomStream {
    return mode.training ? this.random.stream('training', mode.step) : this.random.stream('evaluation');
  }
}

/** By distance. All images of a batch start from the tokens of the same, distinct indices. */
@component({
  kind: 'obj_queries',
  name: 'kmeans_euclidean',
  summary: 'Centroids of a k-means clustering of the patch tokens',
  options,
  reference: 'src/osc/models/embeds.py',
})
export class KMeansEuclideanQueries extends KMeansQueries {
  protected cluster(features: tf.Tensor3D, numObjects: number, draws: RandomStream, config: KMeansConfig): tf.Tensor3D {
    return kMeansEuclidean(features, draws.sample(features.shape[1], numObjects), config);
  }
}

/**
 * By direction: centroids have length 1. Each image starts from distinct tokens of its own; the reference draws with
 * replacement, so that clusters are empty, and then NaN, more often than not.
 */
@component({
  kind: 'obj_queries',
  name: 'kmeans_cosine',
  summary: 'Directions that a k-means by cosine finds in the patch tokens',
  options,
  reference: 'src/osc/models/embeds.py',
})
export class KMeansCosineQueries extends KMeansQueries {
  protected cluster(features: tf.Tensor3D, numObjects: number, draws: RandomStream, config: KMeansConfig): tf.Tensor3D {
    const [batch, numTokens] = features.shape;
    const indices = new Int32Array(batch * numObjects);
    for (let b = 0; b < batch; b++) indices.set(draws.sample(numTokens, numObjects), b * numObjects);
    return kMeansCosine(features, indices, config);
  }
}
