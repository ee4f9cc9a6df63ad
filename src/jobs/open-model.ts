/** A trained model for scripts: from pictures to what the model makes of them. */
import * as tf from '@tensorflow/tfjs-core';
import type { OscConfig } from '../config';
import { chooseEngine, type EngineInfo } from '../engine';
import type { Model } from '../model';
import { createRunLog } from '../run';
import type { Dimensions, ModelOutputs } from '../sdk';
import { UsageError } from '../sdk/errors';
import { prepareTestImage, type RgbImage } from '../sdk/image';
import type { Reporting, TrainedInput } from './input';
import { loadTrained, openTrained } from './open-trained';

export interface OpenModelInput extends TrainedInput, Pick<Reporting, 'onLog'> {
  /** Name of the engine that computes; default: that of the config. It is the same for all of the process. */
  readonly engine?: string | undefined;
}

/** Numbers in row-major order. */
export interface NumberArray {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

/** What a model makes of one image. C = embedding width, S = slots, h and w = patch tokens down and across. */
export interface Representation {
  /** Of the whole image, `[C]`. */
  readonly global: NumberArray;
  /** One vector an object, `[S, C]`; null for a model without slots. */
  readonly slots: NumberArray | null;
  /**
   * Attention of the slots to the patch tokens, one map `[S, h, w]` for each iteration or block, the last one last; null for a
   * model without slots. Along S the maps of slot attention sum to 1.
   */
  readonly attention: readonly NumberArray[] | null;
}

export interface ForwardOptions {
  /** Another number of slots than in training, where the queries can give it (k-means, sample). */
  readonly numObjects?: number | undefined;
}

export interface RepresentOptions extends ForwardOptions {
  /** Whose attention is given: that of the last iteration or block (default), or of all of them. */
  readonly attention?: 'last' | 'all' | undefined;
}

/** A trained model in memory. */
export interface OpenedModel {
  /** The config it was trained with, and the changes that were asked for. */
  readonly config: OscConfig;
  /** Sizes: of the images it sees, of the grid of patch tokens, of its vectors. */
  readonly dimensions: Dimensions;
  /** The folder its weights are from. */
  readonly checkpoint: string;
  readonly engine: EngineInfo;
  /**
   * What the model makes of images. Each is prepared as test images are: its largest centred square, in the size and with
   * the normalisation of the config. All are one batch: give some tens at a time.
   *
   * @param images any size, `image` is `[H, W, 3]` from 0 to 255; a {@link Sample} is one
   * @throws UsageError for pixels that do not fit their size, and for a number of slots the queries cannot give
   */
  represent(images: readonly RgbImage[], options?: RepresentOptions): Promise<Representation[]>;
  /**
   * The forward pass of evaluation, for those who know TensorFlow.js: to be called inside of `tf.tidy`.
   *
   * @param images `[B, 3, H, W]` of the size `dimensions.imageSize`, normalised as by {@link prepare}
   * @returns outputs with the attention of backbone and slots
   */
  forward(images: tf.Tensor4D, options?: ForwardOptions): ModelOutputs;
  /** An image as {@link forward} takes it: `[3, H, W]`. @throws UsageError for pixels that do not fit their size */
  prepare(image: RgbImage): Float32Array;
  /** Frees the weights. */
  dispose(): void;
}

/** @throws UsageError for what is no model, weights that do not fit the config, and an engine that cannot run here */
export async function openModel(input: OpenModelInput): Promise<OpenedModel> {
  const opened = await openTrained(input, 'openModel');
  const { logger } = createRunLog(input.onLog ?? null);
  const { config, trained } = opened;
  const { name, threads } = config.engine;
  const engine = await chooseEngine(input.engine ?? name).prepare({ threads });
  const model = await loadTrained(opened, logger);
  return new LoadedModel(config, trained.checkpoint, engine, model);
}

class LoadedModel implements OpenedModel {
  readonly dimensions: Dimensions;
  /** Another job may have chosen another one since. */
  readonly #backend = tf.getBackend();
  readonly #model: Model;

  constructor(
    readonly config: OscConfig,
    readonly checkpoint: string,
    readonly engine: EngineInfo,
    model: Model,
  ) {
    this.#model = model;
    this.dimensions = model.dimensions;
  }

  async represent(
    images: readonly RgbImage[],
    { numObjects, attention = 'last' }: RepresentOptions = {},
  ): Promise<Representation[]> {
    if (images.length === 0) return [];
    if (tf.getBackend() !== this.#backend) await tf.setBackend(this.#backend);
    const { imageSize, grid } = this.dimensions;
    const size = 3 * imageSize[0] * imageSize[1];
    const pixels = new Float32Array(images.length * size);
    images.forEach((image, i) => {
      pixels.set(this.prepare(image), i * size);
    });
    const tensors = tf.tidy(() => {
      const batch = tf.tensor4d(pixels, [images.length, 3, ...imageSize]);
      const outputs = this.forward(batch, { numObjects });
      if (outputs.fSlots === null) return [outputs.fGlobal];
      const maps = outputs.attention?.objects.map((map) => tf.reshape(map, [...map.shape.slice(0, 2), ...grid])) ?? [];
      return [outputs.fGlobal, outputs.fSlots, ...maps.slice(attention === 'last' ? -1 : 0)];
    });
    const [global = [], slots, ...maps] = await Promise.all(tensors.map(rowsOf));
    return global.map((vector, i) => ({
      global: vector,
      slots: slots?.[i] ?? null,
      attention: slots === undefined ? null : maps.map((rows) => rows[i]!),
    }));
  }

  forward(images: tf.Tensor4D, { numObjects }: ForwardOptions = {}): ModelOutputs {
    if (numObjects !== undefined && !this.#model.usesObjects) {
      throw new UsageError('numObjects is a number of slots, and the model has none.');
    }
    return this.#model.forward(images, { training: false, step: 0, attention: true }, numObjects);
  }

  prepare(image: RgbImage): Float32Array {
    const { height, width, image: pixels } = image;
    if (pixels.length !== height * width * 3) {
      throw new UsageError(
        `An image of ${height} by ${width} pixels in RGB has ${height * width * 3} values, not ${pixels.length}.`,
      );
    }
    const { crop_size: cropSize, normalize } = this.config.data;
    return prepareTestImage(image, cropSize, normalize);
  }

  dispose(): void {
    this.#model.dispose();
  }
}

/** The rows along the first axis; the tensor is disposed. */
async function rowsOf(tensor: tf.Tensor): Promise<NumberArray[]> {
  const [count = 0, ...shape] = tensor.shape;
  const data = await tensor.data<'float32'>();
  tensor.dispose();
  const size = data.length / count;
  return Array.from({ length: count }, (_, i) => ({ shape, data: data.slice(i * size, (i + 1) * size) }));
}
