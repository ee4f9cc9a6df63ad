import fc from 'fast-check';
import type { Dataset, RawRecord, Sample, SplitName } from '../sdk';
import { RunError, UsageError } from '../sdk/errors';
import type { Logger } from '../sdk/logger';
import type { Normalization } from '../sdk/image';
import { RandomSource } from '../sdk/random';
import type { ImageBatch } from './batch-source';
import type { DatasetRegistry } from './dataset';
import { measureNormalization } from './measure-normalization';
import { openBatches, type OpenBatchesOptions } from './open-batches';
import { shuffleBufferSize, shuffledOrder } from './order';
import { RecordReader } from './record-reader';
import { loadTestSamples, testSamples } from './test-samples';

const HEIGHT = 6;
const WIDTH = 8;

/** Images made of their index; records are views of one chunk, as a reader's may be. */
class FakeDataset implements Dataset {
  readonly chunk: Uint8Array;
  prepared = 0;
  decoded: number[] = [];
  readFrom: number[] = [];
  recordsRead = 0;
  open = 0;

  constructor(
    readonly length: number,
    readonly broken: ReadonlyMap<number, 'read' | 'decode' | 'bug'> = new Map(),
    readonly claimed = length,
  ) {
    this.chunk = new Uint8Array(4 * length);
    const view = new DataView(this.chunk.buffer);
    for (let i = 0; i < length; i++) view.setUint32(4 * i, i);
  }

  async prepare(): Promise<void> {
    this.prepared += 1;
  }

  async size(): Promise<number> {
    return this.claimed;
  }

  async *records(_split: SplitName, from = 0, onBadRecord?: (error: RunError) => void): AsyncGenerator<RawRecord> {
    this.readFrom.push(from);
    this.open += 1;
    try {
      for (let index = from; index < this.length; index++) {
        await Promise.resolve();
        this.recordsRead += 1;
        if (this.broken.get(index) === 'read') {
          if (onBadRecord === undefined) throw this.problem(index);
          onBadRecord(this.problem(index));
          continue;
        }
        yield {
          bytes: this.chunk.subarray(4 * index, 4 * index + 4),
          file: 'fake.tfrecords',
          index,
          offset: 16 * index,
        };
      }
    } finally {
      this.open -= 1;
    }
  }

  decode({ bytes }: RawRecord): Sample {
    const index = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0);
    if (this.broken.get(index) === 'decode') throw this.problem(index);
    if (this.broken.get(index) === 'bug') throw new TypeError('undefined is not a function');
    this.decoded.push(index);
    const image = Uint8Array.from({ length: HEIGHT * WIDTH * 3 }, (_, i) => (index * 31 + i * 7) % 256);
    const masks = Uint8Array.from({ length: 2 * HEIGHT * WIDTH }, (_, i) =>
      i % WIDTH < 4 === i < HEIGHT * WIDTH ? 255 : 0,
    );
    const visibility = { values: Float32Array.of(1, index % 2), shape: [2] };
    return { image, height: HEIGHT, width: WIDTH, masks, numMasks: 2, attributes: { visibility } };
  }

  private problem(index: number): RunError {
    return new RunError(`Record ${index} of fake.tfrecords is broken (byte offset ${16 * index}).`);
  }
}

function registryOf(dataset: Dataset): DatasetRegistry {
  return { create: async <T>() => dataset as T, spec: { plugins: [], from: '/' } };
}

function recordingLogger(): Logger & { warnings: string[] } {
  const warnings: string[] = [];
  const ignore = (): void => undefined;
  return { warnings, error: ignore, info: ignore, debug: ignore, warn: (message) => warnings.push(message) };
}

const OPTIONS = {
  dataset: { name: 'fake', options: {} },
  split: 'train',
  batchSize: 4,
  dropRemainder: true,
  cropSize: [5, 5],
  crops: 'augmented',
  cropScale: [0.3, 1],
  normalize: { mean: [0.5, 0.5, 0.5], std: [0.2, 0.2, 0.2] },
  seed: 7,
  shuffle: true,
  numWorkers: 0,
  maxSamples: null,
  onBadRecord: 'error',
} satisfies Partial<OpenBatchesOptions>;

function open(dataset: Dataset, options: Partial<OpenBatchesOptions> = {}) {
  return openBatches({ ...OPTIONS, registry: registryOf(dataset), logger: recordingLogger(), ...options });
}

/** Copies: a batch's memory is used again. */
async function collect(
  batches: AsyncIterable<ImageBatch>,
): Promise<{ images: number[]; size: number; indices: number[] }[]> {
  const all = [];
  for await (const { images, size, indices } of batches)
    all.push({ images: Array.from(images), size, indices: Array.from(indices) });
  return all;
}

describe('the order of a shuffled epoch', () => {
  const sizes = fc.tuple(fc.nat(), fc.integer({ min: 1, max: 300 }), fc.integer({ min: 1, max: 50 }));

  test('is a permutation in which no record comes out before the buffer has taken it in', () => {
    fc.assert(
      fc.property(sizes, ([seed, n, buffer]) => {
        const order = shuffledOrder(new RandomSource(seed).stream('order'), n, buffer);
        expect(Array.from(order).sort((a, b) => a - b)).toEqual(Array.from({ length: n }, (_, i) => i));
        expect(order.every((index, t) => index < t + buffer)).toBe(true);
      }),
    );
  });

  test('is file order with a buffer of one and moves records far with a large one', () => {
    const stream = () => new RandomSource(1).stream('order');
    expect(Array.from(shuffledOrder(stream(), 5, 1))).toEqual([0, 1, 2, 3, 4]);
    const order = shuffledOrder(stream(), 1000, 1000);
    const moved = order.reduce((sum, index, t) => sum + Math.abs(index - t), 0) / 1000;
    expect(moved).toBeGreaterThan(250); // a uniform permutation: n / 3
  });

  test('uses ten batches, or all where there are fewer', () => {
    expect(shuffleBufferSize(64, 1000)).toBe(640);
    expect(shuffleBufferSize(64, 3)).toBe(192);
  });
});

describe('the record reader', () => {
  test('gives the records of any order, holding no more than the buffer, and reads only the part it needs', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.nat(),
        fc.integer({ min: 1, max: 80 }),
        fc.integer({ min: 1, max: 20 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        async (seed, n, buffer, part) => {
          const order = shuffledOrder(new RandomSource(seed).stream('order'), n, buffer);
          const rest = order.subarray(Math.floor(part * n));
          const dataset = new FakeDataset(n);
          const reader = new RecordReader(dataset, 'train', rest, 'error');
          for (let t = 0; t < rest.length; t += 3) {
            const slots = await reader.take(3);
            expect(slots.map(({ index }) => index)).toEqual(Array.from(rest.subarray(t, t + 3)));
            expect(reader.held).toBeLessThanOrEqual(buffer);
          }
          await reader.close();
          expect(dataset.open).toBe(0);
          expect(dataset.readFrom).toEqual(rest.length === 0 ? [] : [Math.min(...rest)]);
        },
      ),
    );
  });

  test('copies records out of the chunk they lie in', async () => {
    const reader = new RecordReader(new FakeDataset(3), 'train', Int32Array.of(1), 'error');
    const [slot] = await reader.take(1);
    expect('record' in slot! && slot.record.bytes.buffer.byteLength).toBe(4);
  });

  test('a split that ends early is an error, skipping or not', async () => {
    for (const policy of ['error', 'skip'] as const) {
      const reader = new RecordReader(new FakeDataset(3, new Map(), 5), 'train', Int32Array.of(0, 4), policy);
      await expect(reader.take(2)).rejects.toThrow('end after 3, but there should be at least 5');
    }
  });

  test('the last problem is told where a damaged file ends early', async () => {
    const dataset = new FakeDataset(3, new Map([[2, 'read']]), 5);
    const reader = new RecordReader(dataset, 'train', Int32Array.of(0, 4), 'skip');
    await expect(reader.take(2)).rejects.toThrow('Record 2 of fake.tfrecords is broken');
  });
});

describe('batches', () => {
  test('an epoch of training has every sample at most once, in full batches; another epoch has another order', async () => {
    const source = await open(new FakeDataset(50));
    expect([source.numSamples, source.batchesPerEpoch]).toEqual([50, 12]);
    const [first, second] = [await collect(source.epoch(0)), await collect(source.epoch(1))];
    for (const batches of [first, second]) {
      expect(batches.map(({ size, images }) => [size, images.length])).toEqual(Array(12).fill([4, 2 * 4 * 3 * 25]));
      const indices = batches.flatMap((batch) => batch.indices);
      expect(new Set(indices).size).toBe(48);
      expect(Math.max(...indices)).toBeLessThan(50);
    }
    expect(first).not.toEqual(second);
    expect(await collect(source.epoch(0))).toEqual(first);
  });

  test('validation is in file order with a smaller last batch and the same crops every epoch', async () => {
    const source = await open(new FakeDataset(10), { shuffle: false, dropRemainder: false, split: 'val' });
    expect(source.batchesPerEpoch).toBe(3);
    const batches = await collect(source.epoch(0));
    expect(batches.map(({ indices }) => indices)).toEqual([
      [0, 1, 2, 3],
      [4, 5, 6, 7],
      [8, 9],
    ]);
    expect(batches[2]!.images).toHaveLength(2 * 2 * 3 * 25);
    expect(await collect(source.epoch(3))).toEqual(batches);
  });

  test('both views are A-major, differ, and do not depend on what else is in the batch', async () => {
    const [all] = await collect((await open(new FakeDataset(4), { shuffle: false })).epoch(0));
    const ones = await collect((await open(new FakeDataset(4), { shuffle: false, batchSize: 1 })).epoch(0));
    const length = 3 * 25;
    for (let i = 0; i < 4; i++) {
      const views = [0, 1].map((view) => all!.images.slice((view * 4 + i) * length, (view * 4 + i + 1) * length));
      expect(views[0]).not.toEqual(views[1]);
      expect(ones[i]!.images).toEqual(views.flat());
    }
  });

  test('the seed decides', async () => {
    const run = async (seed: number) => collect((await open(new FakeDataset(20), { seed })).epoch(0));
    const first = await run(1);
    expect(await run(1)).toEqual(first);
    expect(await run(2)).not.toEqual(first);
  });

  test('from any batch on the rest is the same, and nothing of what came before is decoded', async () => {
    const whole = await collect((await open(new FakeDataset(50))).epoch(2));
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: 12 }), async (from) => {
        const dataset = new FakeDataset(50);
        expect(await collect((await open(dataset)).epoch(2, from))).toEqual(whole.slice(from));
        expect(dataset.decoded).toHaveLength((12 - from) * 4);
      }),
      { numRuns: 13 },
    );
  });

  test('max_samples takes the first ones', async () => {
    const source = await open(new FakeDataset(50), { maxSamples: 9, dropRemainder: false });
    expect([source.numSamples, source.batchesPerEpoch]).toEqual([9, 3]);
    const indices = (await collect(source.epoch(0))).flatMap((batch) => batch.indices);
    expect(indices.sort((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8]);
  });

  test('reading stops a few batches ahead of who uses them, and memory is used again', async () => {
    const dataset = new FakeDataset(4000);
    const source = await open(dataset);
    const memories = new Set<unknown>();
    const epoch = source.epoch(0);
    for (let batch = 0; batch < 30; batch++) {
      memories.add((await epoch.next()).value!.images.buffer);
      await new Promise(setImmediate); // time to run ahead without end
      expect(dataset.recordsRead).toBeLessThanOrEqual(40 + 4 * (batch + 2)); // buffer, and what was taken
      expect(dataset.decoded.length).toBeLessThanOrEqual(4 * (batch + 2));
    }
    expect(memories.size).toBeLessThanOrEqual(3);
    await epoch.return();
    expect(dataset.open).toBe(0);
  });

  test('a closed source says so', async () => {
    const source = await open(new FakeDataset(50));
    const running = source.epoch(0);
    await running.next();
    await source.close();
    await expect(running.next()).rejects.toThrow('closed');
    await expect(source.epoch(1).next()).rejects.toThrow('closed');
  });
});

describe('broken records', () => {
  const BROKEN = new Map([
    [3, 'read'],
    [4, 'read'],
    [9, 'decode'],
  ] as const);

  test.each([3, 9])('record %i is an error that names it', async (index) => {
    const dataset = new FakeDataset(12, new Map([[index, BROKEN.get(index as 3)!]]));
    const source = await open(dataset);
    await expect(collect(source.epoch(0))).rejects.toThrow(RunError);
    await expect(collect(source.epoch(1))).rejects.toThrow(`Record ${index} of fake.tfrecords is broken`);
    expect(dataset.open).toBe(0);
  });

  test('skipped, they leave their batch smaller and all else as it was; each is counted and reported once', async () => {
    const logger = recordingLogger();
    const source = await open(new FakeDataset(24, BROKEN), { onBadRecord: 'skip', logger });
    const whole = await collect((await open(new FakeDataset(24))).epoch(0));
    const batches = await collect(source.epoch(0));
    const good = ({ indices }: { indices: number[] }) => indices.filter((index) => !BROKEN.has(index as 3));
    expect(batches.map(({ indices }) => indices)).toEqual(whole.map(good));
    const crop = (batch: (typeof whole)[0], row: number) => batch.images.slice(row * 75, (row + 1) * 75);
    batches.forEach((batch, b) => {
      const places = batch.indices.map((index) => whole[b]!.indices.indexOf(index));
      for (const view of [0, 1])
        places.forEach((place, i) =>
          expect(crop(batch, view * batch.size + i)).toEqual(crop(whole[b]!, view * 4 + place)),
        );
      expect(batch.images).toHaveLength(2 * batch.size * 75);
    });
    expect(await collect(source.epoch(0, 2))).toEqual(batches.slice(2));
    expect(source.skipped).toBe(3);
    expect(logger.warnings.map((line) => /^Record \d+/.exec(line)?.[0]).sort()).toEqual([
      'Record 3',
      'Record 4',
      'Record 9',
    ]);
  });

  test('the last record of a file may be one of them', async () => {
    const broken = new Map([[7, 'read']] as const);
    const source = await open(new FakeDataset(8, broken), { onBadRecord: 'skip', shuffle: false });
    expect((await collect(source.epoch(0))).map(({ indices }) => indices)).toEqual([
      [0, 1, 2, 3],
      [4, 5, 6],
    ]);
  });

  test('a batch without a good record is an error', async () => {
    const broken = new Map([0, 1, 2, 3].map((index) => [index, 'decode'] as const));
    const source = await open(new FakeDataset(8, broken), { onBadRecord: 'skip', shuffle: false });
    await expect(collect(source.epoch(0))).rejects.toThrow('All 4 records of batch 0 of epoch 0');
  });

  test('a bug in a data set is never skipped', async () => {
    const source = await open(new FakeDataset(8, new Map([[2, 'bug']])), { onBadRecord: 'skip' });
    await expect(collect(source.epoch(0))).rejects.toThrow(TypeError);
  });
});

describe('what the user can mend is found when the source is opened', () => {
  test.each([
    ['more samples than there are', { maxSamples: 51 }, 'data.train.max_samples=50'],
    ['no full batch', { batchSize: 51 }, 'training.batch_size=50'],
  ])('%s', async (_name, options, attempt) => {
    const error = await open(new FakeDataset(50), options).catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(UsageError);
    expect((error as UsageError).hints).toContain(attempt);
  });

  test('an empty split', async () => {
    await expect(open(new FakeDataset(0))).rejects.toThrow(UsageError);
  });
});

describe('test samples', () => {
  const options = (dataset: Dataset) => ({
    dataset: OPTIONS.dataset,
    registry: registryOf(dataset),
    cropSize: [3, 3] as const,
    normalize: OPTIONS.normalize,
    logger: recordingLogger(),
  });

  test('the first ones, with masks and visibility on the grid of the crop', async () => {
    const samples = await loadTestSamples({ ...options(new FakeDataset(5)), count: 2 });
    expect(samples.map(({ index }) => index)).toEqual([0, 1]);
    const [, second] = samples;
    expect([second!.image.length, second!.masks!.length, second!.numMasks]).toEqual([27, 18, 2]);
    expect(Array.from(second!.visibility!)).toEqual([1, 1]);
    expect(Array.from(samples[0]!.visibility!)).toEqual([1, 0]);
    expect(Array.from(second!.masks!.subarray(0, 3))).toEqual([1, 1, 0]);
    expect(second!.original.image).toHaveLength(HEIGHT * WIDTH * 3);
  });

  test('chosen ones in the order asked for, reading no further than needed', async () => {
    const dataset = new FakeDataset(50);
    const samples = await loadTestSamples({ ...options(dataset), indices: [7, 3, 9] });
    expect(samples.map(({ index }) => index)).toEqual([7, 3, 9]);
    expect([dataset.readFrom, dataset.recordsRead, dataset.decoded.length, dataset.open]).toEqual([[3], 7, 3, 0]);
  });

  test('samples that are not there', async () => {
    await expect(loadTestSamples({ ...options(new FakeDataset(5)), indices: [5] })).rejects.toThrow(UsageError);
    await expect(loadTestSamples({ ...options(new FakeDataset(5)), count: 6 })).rejects.toThrow(UsageError);
  });

  test('a broken one is an error, or is left out', async () => {
    const dataset = new FakeDataset(
      4,
      new Map([
        [1, 'decode'],
        [2, 'read'],
      ]),
    );
    await expect(loadTestSamples(options(dataset))).rejects.toThrow('Record 1');
    const logger = recordingLogger();
    const kept = [];
    for await (const { index } of testSamples({ ...options(dataset), onBadRecord: 'skip', logger })) kept.push(index);
    expect(kept).toEqual([0, 3]);
    expect(logger.warnings).toHaveLength(2);
  });
});

describe('measured normalization', () => {
  const measure = (of: 'channels' | 'rows', dataset = new FakeDataset(6), maxSamples: number | null = null) => {
    const registry = registryOf(dataset);
    const cropSize = [4, 5] as const;
    const logger = recordingLogger();
    return measureNormalization({ of, dataset: OPTIONS.dataset, registry, cropSize, maxSamples, logger });
  };
  /** `[3, h, w]` each, of the squares that tests would see. */
  const squares = async (normalize: Normalization, count = 6): Promise<Float32Array[]> => {
    const registry = registryOf(new FakeDataset(6));
    const cropSize = [4, 5] as const;
    const options = { dataset: OPTIONS.dataset, registry, cropSize, normalize, logger: recordingLogger() };
    return (await loadTestSamples({ ...options, split: 'train', count })).map(({ image }) => image);
  };
  /** Mean and standard deviation of the values at places that pass. */
  const moments = (images: Float32Array[], passes: (i: number) => boolean): [number, number] => {
    const values = images.flatMap((image) => Array.from(image).filter((_, i) => passes(i)));
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    return [mean, Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length)];
  };

  test('of channels: each has mean 0 and standard deviation 1', async () => {
    const { normalization, numImages } = await measure('channels');
    expect([numImages, normalization.rows]).toEqual([6, null]);
    const images = await squares(normalization);
    for (let c = 0; c < 3; c++) {
      const [mean, std] = moments(images, (i) => Math.floor(i / 20) === c);
      expect(mean).toBeCloseTo(0, 4);
      expect(std).toBeCloseTo(1, 4);
    }
  });

  test('of rows: each row of each channel has mean 0, and all together standard deviation 1', async () => {
    const { normalization } = await measure('rows');
    expect(normalization.rows).toHaveLength(4);
    expect(new Set(normalization.std).size).toBe(1);
    const images = await squares(normalization);
    for (let row = 0; row < 12; row++) expect(moments(images, (i) => Math.floor(i / 5) === row)[0]).toBeCloseTo(0, 4);
    expect(moments(images, () => true)[1]).toBeCloseTo(1, 4);
    const channels = await measure('channels');
    expect(normalization.mean).toEqual(channels.normalization.mean);
  });

  test('looks at the training images that are used alone; a broken one is an error', async () => {
    const dataset = new FakeDataset(6);
    const { normalization, numImages } = await measure('rows', dataset, 2);
    expect([numImages, dataset.decoded]).toEqual([2, [0, 1]]);
    expect(moments(await squares(normalization, 2), () => true)[1]).toBeCloseTo(1, 4);
    const broken = new FakeDataset(6, new Map([[1, 'decode']]));
    await expect(measure('rows', broken)).rejects.toThrow(RunError);
  });

  test('images of one colour cannot be normalised by themselves', async () => {
    const dataset = new FakeDataset(3);
    const decode = dataset.decode.bind(dataset);
    dataset.decode = (record) => ({ ...decode(record), image: new Uint8Array(HEIGHT * WIDTH * 3).fill(7) });
    await expect(measure('channels', dataset)).rejects.toThrow(/all of one colour/);
  });
});
