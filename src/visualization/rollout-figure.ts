/** The figure of attention rollouts: crops of the first validation images, the same ones every time. */
import * as tf from '@tensorflow/tfjs-core';
import { openBatches, type DatasetNode, type DatasetRegistry, type OnBadRecord } from '../data';
import type { Model } from '../model';
import type { Logger } from '../sdk';
import { unnormalizeImage, type Normalization } from '../sdk/image';
import { figurePath } from '../run';
import { modelRollouts } from './model-rollouts';
import { rolloutGrid, type RolloutCrop } from './rollout-grid';
import { writePng } from './write-png';

export interface RolloutFigureOptions {
  readonly model: Model;
  readonly dataset: DatasetNode;
  readonly registry: DatasetRegistry;
  readonly cropSize: readonly [number, number];
  readonly cropScale: readonly [number, number];
  readonly normalize: Normalization;
  readonly onBadRecord: OnBadRecord;
  /** Of the crops. */
  readonly seed: number;
  /** Images in the grid, two crops of each; fewer where the validation split has fewer. */
  readonly count: number;
  readonly logger: Logger;
}

export class RolloutFigure {
  private constructor(
    private readonly options: RolloutFigureOptions,
    /** `[3, h, w]` each, the two crops of an image side by side. */
    private readonly crops: readonly Float32Array[],
  ) {}

  /** Null where no images are asked for, and for a backbone that gives no attention maps. */
  static async open(options: RolloutFigureOptions): Promise<RolloutFigure | null> {
    if (options.count === 0) return null;
    const figure = new RolloutFigure(options, await readCrops(options));
    if (figure.crops.length > 0 && figure.#rollouts(figure.crops[0]!) !== null) return figure;
    options.logger.info('No figure of rollouts: the backbone gives no attention maps.');
    return null;
  }

  /**
   * @param epochs epochs finished, as in the names of checkpoints
   * @returns the path of the PNG, `figures/rollouts-epoch-0005.png` in the run directory
   */
  async draw(epochs: number, runDir: string): Promise<string> {
    const { model, cropSize } = this.options;
    const crops = this.crops.map((crop) => this.#rollouts(crop)!);
    const path = figurePath(runDir, 'rollouts', epochs);
    await writePng(rolloutGrid(crops, { imageSize: cropSize, grid: model.dimensions.grid }), path);
    return path;
  }

  /** One crop at a time: the maps of a batch can be larger than all that training needs. */
  #rollouts(crop: Float32Array): RolloutCrop | null {
    const { model, cropSize, normalize } = this.options;
    const images = tf.tensor4d(crop, [1, 3, ...cropSize]);
    const rollouts = modelRollouts(model, images);
    images.dispose();
    if (rollouts === null) return null;
    const read = (map: tf.Tensor): Float32Array => {
      const values = Float32Array.from(map.dataSync());
      map.dispose();
      return values;
    };
    const { backbone, global, slots } = rollouts;
    return {
      image: unnormalizeImage(crop, cropSize, normalize),
      backbone: read(backbone),
      global: read(global),
      slots: slots && { tokens: read(slots.tokens), image: read(slots.image) },
    };
  }
}

async function readCrops({ count, ...options }: RolloutFigureOptions): Promise<Float32Array[]> {
  const batches = await openBatches({
    ...options,
    split: 'val',
    batchSize: count,
    dropRemainder: false,
    shuffle: false,
    numWorkers: 0,
    maxSamples: count,
    fewerIsFine: true,
  });
  const crops: Float32Array[] = [];
  try {
    for await (const { images, size } of batches.epoch(0)) {
      const length = images.length / (2 * size);
      const crop = (row: number): Float32Array => images.slice(row * length, (row + 1) * length);
      for (let image = 0; image < size; image++) crops.push(crop(image), crop(size + image));
    }
  } finally {
    await batches.close();
  }
  return crops;
}
