import * as tf from '@tensorflow/tfjs-core';
import {
  component,
  DIMENSIONS,
  inject,
  Module,
  OPTIONS,
  RANDOM,
  UsageError,
  z,
  type Dimensions,
  type Mode,
  type ObjQueries,
  type RandomSource,
} from 'osc-trainer/sdk';
import { normal } from 'osc-trainer/sdk/nn';
import { addRows } from 'osc-trainer/sdk/ops';

const options = z.strictObject({
  num_objects: z.int().positive().default(11).describe('slots of an image'),
});

/** The same learned tokens for every image. Parameter `tokens [S, C]`, started at N(0, 0.02). */
@component({
  kind: 'obj_queries',
  name: 'learned',
  summary: 'One learned token a slot',
  options,
  reference: 'src/osc/models/embeds.py',
})
export class LearnedQueries extends Module implements ObjQueries {
  readonly numObjects: number;
  readonly #tokens: tf.Variable<tf.Rank.R2>;

  constructor(
    @inject(OPTIONS) { num_objects }: z.infer<typeof options>,
    @inject(DIMENSIONS) { embedDim }: Pick<Dimensions, 'embedDim'>,
    @inject(RANDOM) random: RandomSource,
  ) {
    super();
    this.numObjects = num_objects;
    this.#tokens = this.parameter<tf.Rank.R2>('tokens', [num_objects, embedDim], normal(random.scope('tokens'), 0.02));
  }

  queries(features: tf.Tensor3D, _mode: Mode, numObjects = this.numObjects): tf.Tensor3D {
    if (numObjects !== this.numObjects) {
      throw new UsageError(
        `Learned queries are ${this.numObjects} tokens and cannot give ${numObjects} slots.`,
        'Their number is fixed when the model is built.',
        [
          'model/obj_queries=sample',
          'model/obj_queries=kmeans_euclidean',
          `model.obj_queries.num_objects=${numObjects}`,
        ],
      );
    }
    return addRows(tf.zeros<tf.Rank.R3>([features.shape[0], ...this.#tokens.shape]), this.#tokens);
  }
}
