import type { SplitName } from '../sdk';
import type { OnBadRecord } from './dataset';

/** Two augmented views of every image of a batch. */
export interface ImageBatch {
  /**
   * `[2, B, 3, h, w]` float32, normalised; usable as `[2B, 3, h, w]`, rows i and i + B being views of one image. Shared
   * memory that is used again: valid until the next batch is asked for, so copy what is kept longer.
   */
  readonly images: Float32Array;
  /** B */
  readonly size: number;
  /** The records in the split, `[B]`. */
  readonly indices: Int32Array;
}

/** The batches of a split, epoch by epoch. Made by `openBatches`. */
export interface BatchSource {
  /** Samples of an epoch before the remainder is dropped. */
  readonly numSamples: number;
  readonly batchesPerEpoch: number;
  /** Broken records that were left out so far, each counted once. */
  readonly skipped: number;
  /**
   * The batches of an epoch from the `fromBatch`-th on: the same ones, whether or not those before were made. Without
   * shuffling every epoch has the same crops. A broken record that is skipped leaves its batch one smaller.
   *
   * @throws RunError (while iterating) for a broken record or a worker that died
   */
  epoch(epoch: number, fromBatch?: number): AsyncGenerator<ImageBatch, void, undefined>;
  /** Ends the threads and gives back memory; an epoch that is being read fails. */
  close(): Promise<void>;
}

export interface BatchSettings {
  readonly split: SplitName;
  readonly numSamples: number;
  readonly batchSize: number;
  readonly dropRemainder: boolean;
  /** Floats of one crop. */
  readonly cropLength: number;
  readonly seed: number;
  readonly shuffle: boolean;
  readonly onBadRecord: OnBadRecord;
}

export function batchesPerEpoch({ numSamples, batchSize, dropRemainder }: BatchSettings): number {
  return (dropRemainder ? Math.floor : Math.ceil)(numSamples / batchSize);
}

export function closedError(split: SplitName): Error {
  return new Error(`The batches of the split ${split} are closed.`);
}
