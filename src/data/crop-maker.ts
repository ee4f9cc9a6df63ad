import type { Dataset, RawRecord, SplitName } from '../sdk';
import {
  augmentInto,
  drawAugmentation,
  drawRandomSquare,
  prepareSquare,
  type ImageSize,
  type Normalization,
} from '../sdk/image';
import { RandomSource } from '../sdk/random';

/**
 * `augmented`: a random part of the image, flipped or not, in other colours. `squares`: the largest square at a random place, flipped
 * or not, and else as test images are.
 */
export type CropKind = 'augmented' | 'squares';

/** How crops are made; the same for all of a split. */
export interface CropSettings {
  /** `[h, w]` */
  readonly cropSize: ImageSize;
  /** What a crop is: `data.crops` of the config. */
  readonly crops: CropKind;
  /** Smallest and largest area of an augmented crop, relative to the image's. */
  readonly cropScale: readonly [number, number];
  readonly normalize: Normalization;
  readonly seed: number;
}

/** Two views of one record, to be written into a batch. */
export interface CropTask {
  readonly record: RawRecord;
  /** Of the record in its split: what its crops are drawn from. */
  readonly index: number;
  /** null: the same crops every epoch. */
  readonly epoch: number | null;
  /** Memory of the batch, at least `[2, B, 3, h, w]` float32. */
  readonly memory: SharedArrayBuffer;
  /** B */
  readonly batchSize: number;
  /** In 0 … B - 1. */
  readonly place: number;
}

export const VIEWS = 2;

/** Decodes records and makes their crops. One in every worker, or one in the main thread. */
export class CropMaker {
  readonly #random: RandomSource;

  constructor(
    private readonly dataset: Dataset,
    private readonly split: SplitName,
    private readonly settings: CropSettings,
  ) {
    this.#random = new RandomSource(settings.seed).scope('crops');
  }

  /**
   * Writes both views. What is drawn depends on seed, epoch, index and view alone.
   * @throws RunError for a record that cannot be decoded
   */
  make({ record, index, epoch, memory, batchSize, place }: CropTask): void {
    const { cropSize, crops, cropScale, normalize } = this.settings;
    const sample = this.dataset.decode(record, this.split);
    const length = 3 * cropSize[0] * cropSize[1];
    for (let view = 0; view < VIEWS; view++) {
      const stream =
        epoch === null ? this.#random.stream('fixed', index, view) : this.#random.stream('epoch', epoch, index, view);
      const size: ImageSize = [sample.height, sample.width];
      const crop = new Float32Array(
        memory,
        (view * batchSize + place) * length * Float32Array.BYTES_PER_ELEMENT,
        length,
      );
      if (crops === 'squares') crop.set(prepareSquare(sample, drawRandomSquare(stream, size), cropSize, normalize));
      else augmentInto(crop, sample, drawAugmentation(stream, size, cropScale), cropSize, normalize);
    }
  }
}
