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
import { normal, uniform } from 'osc-trainer/sdk/nn';
import { addRows, stopGradient } from 'osc-trainer/sdk/ops';

const schema = z.strictObject({
  num_objects: z.int().positive().default(11).describe('slots of an image'),
  init: z
    .enum(['normal', 'xavier'])
    .default('normal')
    .describe('how tokens start: N(0, 0.02), or uniform in ±√(6 / (slots + width))'),
  noise: z
    .number()
    .nonnegative()
    .default(0)
    .describe('standard deviation of noise in the first training step, as a multiple of the token; 0 = none'),
  noise_until: z
    .number()
    .gt(0)
    .max(1)
    .default(0.08)
    .describe('share of training over which the noise falls to 0, as half a cosine'),
});

type Options = z.infer<typeof schema>;

/**
 * The same learned tokens for every image. Parameter `tokens [S, C]`.
 *
 * With `noise` each image of a training batch starts from tokens of its own, `token + sigma * z * stopgrad(token)`, z standard normal:
 * early in training any slot then may take any object. Sigma falls from `noise` to 0 with `mode.progress`.
 */
@component({
  kind: 'obj_queries',
  name: 'learned',
  summary: 'One learned token a slot',
  options: schema,
  reference: 'src/osc/models/embeds.py',
})
export class LearnedQueries extends Module implements ObjQueries {
  readonly numObjects: number;
  readonly #tokens: tf.Variable<tf.Rank.R2>;

  constructor(
    @inject(OPTIONS) private readonly options: Options,
    @inject(DIMENSIONS) { embedDim }: Pick<Dimensions, 'embedDim'>,
    @inject(RANDOM) private readonly random: RandomSource,
  ) {
    super();
    const { num_objects, init } = options;
    this.numObjects = num_objects;
    const draws = random.scope('tokens');
    const start = init === 'xavier' ? uniform(draws, Math.sqrt(6 / (num_objects + embedDim))) : normal(draws, 0.02);
    this.#tokens = this.parameter<tf.Rank.R2>('tokens', [num_objects, embedDim], start);
  }

  queries(features: tf.Tensor3D, mode: Mode, numObjects = this.numObjects): tf.Tensor3D {
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
    const shape = [features.shape[0], ...this.#tokens.shape] as [number, number, number];
    const sigma = mode.training ? this.#sigma(mode.progress ?? 1) : 0;
    const noise = sigma === 0 ? tf.zeros<tf.Rank.R3>(shape) : this.#noise(sigma, mode.step, shape);
    return addRows(noise, this.#tokens);
  }

  #sigma(progress: number): number {
    const { noise, noise_until: until } = this.options;
    return progress < until ? (noise / 2) * (1 + Math.cos((Math.PI * progress) / until)) : 0;
  }

  /** `sigma * z * stopgrad(token)`, other draws for each image and step. */
  #noise(sigma: number, step: number, shape: [number, number, number]): tf.Tensor3D {
    const size = shape.reduce((a, b) => a * b);
    const z = tf.tensor3d(this.random.stream('noise', step).normals(size, 0, sigma), shape);
    return tf.mul(z, stopGradient(this.#tokens));
  }
}
