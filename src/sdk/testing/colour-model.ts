/** The model of the contracts of what looks at a model: evaluators and figures. */
import * as tf from '@tensorflow/tfjs-core';
import type { Dimensions, ModelOutputs } from '../contracts/model';
import type { Mode } from '../module';
import { randomTensor } from './gradients';

const SLOTS = 4; // S

export interface ColourModelParts {
  readonly usesObjects?: boolean;
  readonly backboneMaps?: boolean;
}

/** A model without parameters that attends to colours. Keeps the modes it was called with. */
export class ColourModel {
  readonly modes: Mode[] = [];

  readonly usesObjects: boolean;
  readonly globalFromSlots = false;
  readonly #backboneMaps: boolean;

  /** @param parts that the model has: slots by default, attention maps of the backbone not */
  constructor(
    readonly dimensions: Dimensions,
    { usesObjects = true, backboneMaps = false }: ColourModelParts = {},
  ) {
    this.usesObjects = usesObjects;
    this.#backboneMaps = backboneMaps;
  }

  forward(images: tf.Tensor4D, mode: Mode, numObjects = SLOTS): ModelOutputs {
    this.modes.push(mode);
    const { grid, embedDim, numTokens } = this.dimensions;
    const [height, width] = [images.shape[2] / grid[0], images.shape[3] / grid[1]];
    const patches = tf.reshape(images, [-1, 3, grid[0], height, grid[1], width]);
    const colours = tf.transpose(tf.reshape(tf.mean(tf.mean(patches, 5), 3), [-1, 3, numTokens]), [0, 2, 1]);
    const batch = images.shape[0];
    const project = (x: tf.Tensor, seed: number): tf.Tensor3D => {
      const weights = tf.tile(randomTensor([1, x.shape[2]!, embedDim], seed), [batch, 1, 1]);
      return tf.tanh(tf.matMul(x, weights)) as tf.Tensor3D;
    };
    const fBackbone = project(colours, 31);
    const fGlobal = tf.mean(fBackbone, 1) as tf.Tensor2D;
    const backbone = this.#backboneMaps
      ? [tf.expandDims<tf.Tensor4D>(tf.softmax(tf.matMul(fBackbone, fBackbone, false, true)), 1)]
      : [];
    const outputs = { fBackbone, fGlobal, pGlobal: tf.neg(fGlobal) };
    if (!this.usesObjects) {
      return {
        ...outputs,
        fSlots: null,
        pSlots: null,
        ...(mode.attention === true ? { attention: { backbone, objects: [] } } : {}),
      };
    }
    const queries = tf.tile(randomTensor([1, numObjects, embedDim], 32), [batch, 1, 1]);
    const maps = [1, 3].map((scale) => {
      const logits = tf.mul(tf.matMul(fBackbone, queries, false, true), scale);
      return tf.transpose(tf.softmax(logits), [0, 2, 1]) as tf.Tensor3D;
    });
    const fSlots = tf.matMul(maps[1]!, fBackbone) as tf.Tensor3D;
    return {
      ...outputs,
      fSlots,
      pSlots: project(fSlots, 33),
      ...(mode.attention === true ? { attention: { backbone, objects: maps } } : {}),
    };
  }
}
