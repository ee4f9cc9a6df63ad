import * as tf from '@tensorflow/tfjs-core';
import {
  component,
  DIMENSIONS,
  inject,
  Module,
  OPTIONS,
  RANDOM,
  z,
  type Dimensions,
  type Mode,
  type ObjQueries,
  type RandomSource,
} from 'osc-trainer/sdk';
import { uniform } from 'osc-trainer/sdk/nn';

const options = z.strictObject({
  num_objects: z.int().positive().default(11).describe('slots of an image'),
  num_components: z.int().positive().default(1).describe('Gaussians of the mixture, all equally likely'),
});

/**
 * Queries `mu[k] + exp(log_sigma[k]) * noise`, with standard normal noise and k uniform among the K components, both drawn
 * for every image and slot. Parameters `mu [K, C]`, `log_sigma [K, C]`, started at U(±√(6 / C)).
 *
 * In training draws change with every step. In evaluation they are the same on every call, others for each row of a batch;
 * those of a row do not depend on how many rows follow.
 */
@component({
  kind: 'obj_queries',
  name: 'sample',
  summary: 'Drawn from a learned Gaussian, or from a mixture of them',
  options,
  reference: 'src/osc/models/embeds.py',
})
export class SampledQueries extends Module implements ObjQueries {
  readonly numObjects: number;
  readonly #mu: tf.Variable<tf.Rank.R2>;
  readonly #logSigma: tf.Variable<tf.Rank.R2>;

  constructor(
    @inject(OPTIONS) { num_objects, num_components }: z.infer<typeof options>,
    @inject(DIMENSIONS) { embedDim }: Pick<Dimensions, 'embedDim'>,
    @inject(RANDOM) private readonly random: RandomSource,
  ) {
    super();
    this.numObjects = num_objects;
    const parameter = (name: string): tf.Variable<tf.Rank.R2> =>
      this.parameter<tf.Rank.R2>(
        name,
        [num_components, embedDim],
        uniform(random.scope(name), Math.sqrt(6 / embedDim)),
      );
    this.#mu = parameter('mu');
    this.#logSigma = parameter('log_sigma');
  }

  queries(features: tf.Tensor3D, mode: Mode, numObjects = this.numObjects): tf.Tensor3D {
    const c = this.#mu.shape[1];
    const batch = features.shape[0];
    const rows = batch * numObjects;
    const when = mode.training ? [mode.step] : [];
    const noise = tf.tensor2d(this.random.stream('noise', ...when).normals(rows * c), [rows, c]);
    const chosen = this.#components(rows, when);
    // a product with a one-hot matrix, as tfjs's gradient of gather goes through all rows once for each component
    const ofChosen = (parameter: tf.Tensor2D): tf.Tensor2D => tf.matMul(chosen, parameter);
    const drawn = tf.add(ofChosen(this.#mu), tf.mul(ofChosen(tf.exp(this.#logSigma)), noise));
    return tf.reshape(drawn, [batch, numObjects, c]);
  }

  /** One-hot `[R, K]`. */
  #components(rows: number, when: readonly number[]): tf.Tensor2D {
    const numComponents = this.#mu.shape[0];
    if (numComponents === 1) return tf.ones([rows, 1]);
    const stream = this.random.stream('components', ...when);
    const oneHot = new Float32Array(rows * numComponents);
    for (let row = 0; row < rows; row++) oneHot[row * numComponents + stream.integer(numComponents)] = 1;
    return tf.tensor2d(oneHot, [rows, numComponents]);
  }
}
