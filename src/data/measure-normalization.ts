/** Statistics of a data set, for `data.normalize.from_data`. */
import { UsageError } from '../sdk/errors';
import type { ImageSize, Normalization } from '../sdk/image';
import { prepareDataset } from './dataset';
import { testSamples, type TestSamplesOptions } from './test-samples';

/** Enough for means of rows, and read in seconds. */
const MAX_IMAGES = 1000;
const CHANNELS = 3;
/** Numbers that a config file shows whole. */
const DIGITS = 6;

type Rgb = [number, number, number];

export interface MeasureOptions extends Omit<TestSamplesOptions, 'split' | 'count' | 'indices' | 'normalize'> {
  /** Mean and standard deviation of each channel, or means of each row of pixels and one standard deviation of what is left. */
  readonly of: 'channels' | 'rows';
  /** `data.train.max_samples`: others are not looked at. */
  readonly maxSamples: number | null;
}

/**
 * Measures the first images of the train split, prepared as test images are: the centred square at the size of a crop.
 *
 * @returns the normalization, in numbers of a few digits, and of how many images
 * @throws UsageError for a data set that is not there, and for images that are all of one colour; RunError for a broken record
 */
export async function measureNormalization({
  of,
  maxSamples,
  ...options
}: MeasureOptions): Promise<{ normalization: Normalization; numImages: number }> {
  const { registry, dataset, logger, progress, cropSize } = options;
  const { size } = await prepareDataset(registry, dataset, 'train', logger, progress);
  const count = Math.min(MAX_IMAGES, maxSamples ?? size, size);
  const moments = new RowMoments(cropSize);
  const normalize: Normalization = { mean: [0, 0, 0], std: [1, 1, 1] };
  for await (const { image } of testSamples({ ...options, split: 'train', count, normalize })) moments.add(image);
  const normalization = of === 'rows' ? moments.byRow() : moments.byChannel();
  if (normalization.std.some((std) => !(std > 0))) {
    throw new UsageError(
      `The first ${moments.numImages} training images of ${dataset.name} are all of one colour in some channel, and cannot be normalised by it.`,
      undefined,
      ['data.normalize.from_data=null'],
    );
  }
  return { normalization, numImages: moments.numImages };
}

/** Sums of values and of their squares, for each row of pixels and channel. */
class RowMoments {
  numImages = 0;
  readonly #sums: Float64Array;
  readonly #squares: Float64Array;

  constructor(private readonly size: ImageSize) {
    this.#sums = new Float64Array(CHANNELS * size[0]);
    this.#squares = new Float64Array(CHANNELS * size[0]);
  }

  /** @param image `[3, h, w]` in [0, 1] */
  add(image: Float32Array): void {
    const [height, width] = this.size;
    this.numImages += 1;
    for (let row = 0, i = 0; row < CHANNELS * height; row++) {
      for (let x = 0; x < width; x++, i++) {
        const value = image[i]!;
        this.#sums[row]! += value;
        this.#squares[row]! += value * value;
      }
    }
  }

  byChannel(): Normalization {
    const mean = rgb((c) => this.#meanOf(this.#sums, c));
    return {
      mean: rounded(mean),
      std: rounded(rgb((c) => deviation(this.#meanOf(this.#squares, c), mean[c]!))),
      rows: null,
    };
  }

  byRow(): Normalization {
    const [height, width] = this.size;
    const pixels = this.numImages * width;
    const rows = Array.from({ length: height }, (_, y) => rgb((c) => this.#sums[c * height + y]! / pixels));
    const square = rgb((c) => this.#meanOf(this.#squares, c));
    const left = rgb((c) => square[c]! - rows.reduce((sum, row) => sum + row[c]! ** 2, 0) / height);
    const std = deviation((left[0] + left[1] + left[2]) / CHANNELS, 0);
    return {
      mean: rounded(rgb((c) => this.#meanOf(this.#sums, c))),
      std: rounded([std, std, std]),
      rows: rows.map((row) => rounded(row)),
    };
  }

  /** Over all pixels of a channel. */
  #meanOf(sums: Float64Array, c: number): number {
    const [height, width] = this.size;
    const ofChannel = sums.subarray(c * height, (c + 1) * height);
    return ofChannel.reduce((sum, value) => sum + value, 0) / (this.numImages * height * width);
  }
}

function rgb(of: (channel: number) => number): Rgb {
  return [of(0), of(1), of(2)];
}

function rounded([r, g, b]: Rgb): Rgb {
  const round = (value: number): number => Number(value.toFixed(DIGITS));
  return [round(r), round(g), round(b)];
}

function deviation(meanSquare: number, mean: number): number {
  return Math.sqrt(Math.max(0, meanSquare - mean * mean));
}
