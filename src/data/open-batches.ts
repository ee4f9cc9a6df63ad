import type { SplitName } from '../sdk';
import { UsageError } from '../sdk/errors';
import type { Logger, Progress } from '../sdk/logger';
import type { BatchSource } from './batch-source';
import type { CropSettings } from './crop-maker';
import { defaultNumWorkers, InThreadCropPool } from './crop-pool';
import { type DatasetNode, type DatasetRegistry, type OnBadRecord, prepareDataset } from './dataset';
import { LocalBatches } from './local-batches';
import { ThreadedBatches } from './threaded-batches';

export interface OpenBatchesOptions extends CropSettings {
  readonly dataset: DatasetNode;
  readonly registry: DatasetRegistry;
  readonly split: SplitName;
  readonly batchSize: number;
  /** Leave out a last batch that is not full (training); else it is smaller (validation). */
  readonly dropRemainder: boolean;
  /** Another order and other crops every epoch (training); else file order and the same crops (validation, figures). */
  readonly shuffle: boolean;
  /** Threads that make crops, besides the one that reads; 0: all in this thread; null: as many as make sense here. The result does not depend on it. */
  readonly numWorkers: number | null;
  /** Only the first so many samples of the split; null: all. */
  readonly maxSamples: number | null;
  /** A split with fewer than `maxSamples` is taken whole (`other.debug`) and is no error. */
  readonly fewerIsFine?: boolean;
  readonly onBadRecord: OnBadRecord;
  readonly logger: Logger;
  /** Of preparing the data set: generating, counting. */
  readonly progress?: Progress;
}

/**
 * Prepares the data set and opens the batches of a split. Close them when done.
 *
 * @throws UsageError for files that are missing, more samples than there are, or no full batch
 */
export async function openBatches(options: OpenBatchesOptions): Promise<BatchSource> {
  const { split, batchSize, dropRemainder, maxSamples, fewerIsFine = false, logger, registry } = options;
  const { dataset, size } = await prepareDataset(registry, options.dataset, split, logger, options.progress);
  if (maxSamples !== null && maxSamples > size && !fewerIsFine)
    throw new UsageError(
      `${maxSamples} samples of the split ${split} are asked for, but ${options.dataset.name} has ${size} there.`,
      undefined,
      [`data.${split}.max_samples=${size}`, `data.${split}.max_samples=null takes all`],
    );
  const numSamples = Math.min(maxSamples ?? size, size);
  if (dropRemainder && numSamples < batchSize)
    throw new UsageError(
      `A batch has ${batchSize} images, but the split ${split} only ${numSamples}: there is no full batch.`,
      undefined,
      [`training.batch_size=${numSamples}`],
    );

  const { cropSize, crops: kind, cropScale, normalize, seed } = options;
  const crops = { cropSize, crops: kind, cropScale, normalize, seed };
  const numWorkers = options.numWorkers ?? defaultNumWorkers();
  const setup = { registry: registry.spec, dataset: options.dataset, split, crops };
  const batches = {
    split,
    numSamples,
    batchSize,
    dropRemainder,
    cropLength: 3 * cropSize[0] * cropSize[1],
    seed,
    shuffle: options.shuffle,
    onBadRecord: options.onBadRecord,
  };
  if (numWorkers === 0) return new LocalBatches(dataset, new InThreadCropPool(dataset, setup), batches, logger);
  return new ThreadedBatches({ ...setup, numWorkers, batches }, logger);
}
