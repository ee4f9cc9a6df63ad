/** The images that figures show: read once, the same ones every time. */
import type { OscConfig } from '../config';
import { loadTestSamples, openBatches, prepareDataset, type DatasetRegistry } from '../data';
import type { Logger, TestSample } from '../sdk';

export interface FigureImagesOptions {
  readonly config: OscConfig;
  readonly registry: DatasetRegistry;
  readonly logger: Logger;
}

/** Reads only what is asked for. The errors are those of the data set. */
export class FigureImages {
  #testSamples: Promise<readonly TestSample[]> | undefined;
  #validationCrops: Promise<readonly Float32Array[]> | undefined;

  constructor(private readonly options: FigureImagesOptions) {}

  /** The first `data.viz.max_samples` samples of the test split; fewer where it has fewer. */
  testSamples(): Promise<readonly TestSample[]> {
    this.#testSamples ??= readTestSamples(this.options);
    return this.#testSamples;
  }

  /** Two crops of each of the first images of the validation split, `[3, h, w]`, side by side. */
  validationCrops(): Promise<readonly Float32Array[]> {
    this.#validationCrops ??= readCrops(this.options);
    return this.#validationCrops;
  }
}

async function readTestSamples({ config, registry, logger }: FigureImagesOptions): Promise<TestSample[]> {
  const { viz, crop_size: cropSize, normalize, on_bad_record: onBadRecord } = config.data;
  const { size } = await prepareDataset(registry, config.data, 'test', logger);
  const count = Math.min(viz.max_samples, size);
  return loadTestSamples({ dataset: config.data, registry, count, cropSize, normalize, onBadRecord, logger });
}

async function readCrops({ config, registry, logger }: FigureImagesOptions): Promise<Float32Array[]> {
  const {
    viz,
    crop_size: cropSize,
    crops: kind,
    crop_scale: cropScale,
    normalize,
    on_bad_record: onBadRecord,
  } = config.data;
  const batches = await openBatches({
    dataset: config.data,
    registry,
    split: 'val',
    batchSize: viz.max_samples,
    dropRemainder: false,
    shuffle: false,
    numWorkers: 0,
    maxSamples: viz.max_samples,
    fewerIsFine: true,
    seed: viz.seed,
    cropSize,
    crops: kind,
    cropScale,
    normalize,
    onBadRecord,
    logger,
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
