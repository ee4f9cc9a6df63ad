import type { Sample, SplitName } from '../sdk';
import type { TestSample } from '../sdk';
import { UsageError } from '../sdk/errors';
import { type ImageSize, type Normalization, prepareTestImage, prepareTestMasks } from '../sdk/image';
import type { Logger, Progress } from '../sdk/logger';
import { type DatasetNode, type DatasetRegistry, isBadRecord, type OnBadRecord, prepareDataset } from './dataset';
import { fileOrder } from './order';
import { RecordReader, type Slot } from './record-reader';

export interface TestSamplesOptions {
  readonly dataset: DatasetNode;
  readonly registry: DatasetRegistry;
  /** Default: test. */
  readonly split?: SplitName;
  /** The first so many (null or absent: all), or … */
  readonly count?: number | null;
  /** … these, in this order. */
  readonly indices?: readonly number[];
  readonly cropSize: ImageSize;
  readonly normalize: Normalization;
  readonly onBadRecord?: OnBadRecord;
  readonly logger: Logger;
  readonly progress?: Progress;
}

/**
 * Prepared samples, one after the other: no more than one is in memory (as long as `indices` are ascending).
 *
 * @throws UsageError for samples that are not there; RunError for a broken record
 */
export async function* testSamples(options: TestSamplesOptions): AsyncGenerator<TestSample, void, undefined> {
  const { split = 'test', onBadRecord = 'error', cropSize, normalize, logger } = options;
  const { dataset, size } = await prepareDataset(options.registry, options.dataset, split, logger, options.progress);
  const order = select(options, split, size);
  const reader = new RecordReader(dataset, split, order, onBadRecord);
  const decode = (slot: Slot): Sample => {
    if ('error' in slot) throw slot.error;
    return dataset.decode(slot.record, split);
  };
  try {
    for (let i = 0; i < order.length; i++) {
      const [slot] = await reader.take(1);
      try {
        yield prepare(slot!.index, decode(slot!), cropSize, normalize);
      } catch (error) {
        if (onBadRecord !== 'skip' || !isBadRecord(error)) throw error;
        logger.warn(`Record ${slot!.index} of the split ${split} is left out. ${error.message}`);
      }
    }
  } finally {
    await reader.close();
  }
}

/** All of {@link testSamples} at once: for a few. */
export async function loadTestSamples(options: TestSamplesOptions): Promise<TestSample[]> {
  const samples: TestSample[] = [];
  for await (const sample of testSamples(options)) samples.push(sample);
  return samples;
}

function select({ count, indices, dataset }: TestSamplesOptions, split: SplitName, size: number): Int32Array {
  const has = `the split ${split} of ${dataset.name} has ${size} samples`;
  if (indices !== undefined) {
    const missing = indices.find((index) => !Number.isInteger(index) || index < 0 || index >= size);
    if (missing !== undefined) throw new UsageError(`There is no sample ${missing}: ${has}, numbered from 0.`);
    return Int32Array.from(new Set(indices));
  }
  if (count != null && count > size)
    throw new UsageError(`${count} samples are asked for, but ${has}.`, undefined, [
      `data.${split}.max_samples=${size}`,
      `data.${split}.max_samples=null takes all`,
    ]);
  return fileOrder(count ?? size);
}

function prepare(index: number, original: Sample, cropSize: ImageSize, normalize: Normalization): TestSample {
  const { height, width, masks, numMasks = 0, attributes } = original;
  const visibility = attributes?.['visibility']?.values;
  return {
    index,
    image: prepareTestImage(original, cropSize, normalize),
    masks: masks === undefined ? null : prepareTestMasks(masks, [height, width], cropSize),
    numMasks: masks === undefined ? 0 : numMasks,
    visibility: visibility === undefined ? null : Uint8Array.from(visibility, (value) => (value !== 0 ? 1 : 0)),
    original,
  };
}
