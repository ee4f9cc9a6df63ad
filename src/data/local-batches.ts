import type { Dataset } from '../sdk';
import { RunError } from '../sdk/errors';
import type { Logger } from '../sdk/logger';
import { RandomSource } from '../sdk/random';
import { type ImageBatch, batchesPerEpoch, type BatchSettings, type BatchSource, closedError } from './batch-source';
import { VIEWS } from './crop-maker';
import type { CropPool } from './crop-pool';
import { fileOrder, shuffleBufferSize, shuffledOrder } from './order';
import { RecordReader, type Slot } from './record-reader';

interface MadeBatch extends ImageBatch {
  readonly memory: SharedArrayBuffer;
}

/** A promise nobody waits for yet: its failure is kept until it is opened, not reported as unhandled. */
type Settled<T> = Promise<() => T>;

function settle<T>(promise: Promise<T>): Settled<T> {
  return promise.then(
    (value) => () => value,
    (error: unknown) => () => {
      throw error;
    },
  );
}

/** Batches that are read in this thread; whether crops are made in it too is the pool's business. */
export class LocalBatches implements BatchSource {
  readonly numSamples: number;
  readonly batchesPerEpoch: number;
  readonly #skipped = new Set<number>();
  readonly #unused: SharedArrayBuffer[] = [];
  readonly #order: RandomSource;
  #closed = false;

  constructor(
    private readonly dataset: Dataset,
    private readonly pool: CropPool,
    private readonly settings: BatchSettings,
    private readonly logger: Logger,
  ) {
    this.numSamples = settings.numSamples;
    this.batchesPerEpoch = batchesPerEpoch(settings);
    this.#order = new RandomSource(settings.seed).scope('order');
  }

  get skipped(): number {
    return this.#skipped.size;
  }

  async *epoch(epoch: number, fromBatch = 0): AsyncGenerator<ImageBatch, void, undefined> {
    const { batchSize, split, onBadRecord, shuffle } = this.settings;
    const order = this.#orderOf(epoch).subarray(fromBatch * batchSize, this.batchesPerEpoch * batchSize);
    const reader = new RecordReader(this.dataset, split, order, onBadRecord);
    const making: Settled<MadeBatch>[] = [];
    let next = fromBatch;
    let stopped = false;
    /** Reads ahead until enough batches are in the making. */
    const readAhead = async (): Promise<void> => {
      while (!stopped && next < this.batchesPerEpoch && making.length < this.pool.batchesAhead) {
        const slots = await reader.take(batchSize);
        making.push(settle(this.#make(slots, shuffle ? epoch : null, `batch ${next} of epoch ${epoch}`)));
        next += 1;
      }
    };
    let reading = settle(readAhead());
    try {
      for (let batch = fromBatch; batch < this.batchesPerEpoch; batch++) {
        this.#checkOpen();
        (await reading)();
        const made = await this.#open(making.shift()!);
        reading = settle(readAhead());
        yield { images: made.images, size: made.size, indices: made.indices };
        this.#unused.push(made.memory);
      }
    } finally {
      stopped = true;
      await reading;
      await reader.close();
      await this.#reclaim(making);
    }
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#unused.length = 0;
    await this.pool.close();
  }

  #checkOpen(): void {
    if (this.#closed) throw closedError(this.settings.split);
  }

  async #open(settled: Settled<MadeBatch>): Promise<MadeBatch> {
    const result = await settled;
    this.#checkOpen(); // before a rejection: that of a closed pool would read as a worker's death
    return result();
  }

  /** The memory of batches that were made but not used. A batch that failed may still be written to: not its. */
  async #reclaim(making: readonly Settled<MadeBatch>[]): Promise<void> {
    for (const result of await Promise.allSettled(making.map(async (settled) => (await settled)())))
      if (result.status === 'fulfilled') this.#unused.push(result.value.memory);
  }

  #orderOf(epoch: number): Int32Array {
    const { numSamples, batchSize, shuffle } = this.settings;
    if (!shuffle) return fileOrder(numSamples);
    const bufferSize = shuffleBufferSize(batchSize, this.batchesPerEpoch);
    return shuffledOrder(this.#order.stream('epoch', epoch), numSamples, bufferSize);
  }

  async #make(slots: readonly Slot[], epoch: number | null, name: string): Promise<MadeBatch> {
    const { cropLength, batchSize } = this.settings;
    const bytes = VIEWS * batchSize * cropLength * Float32Array.BYTES_PER_ELEMENT;
    const memory = this.#unused.pop() ?? new SharedArrayBuffer(bytes);
    const size = slots.length;
    const problems = await Promise.all(
      slots.map((slot, place) => this.#makeCrops(slot, { epoch, memory, batchSize: size, place })),
    );
    const images = new Float32Array(memory, 0, VIEWS * size * cropLength);
    const good = slots.flatMap((_, place) => (problems[place] === undefined ? [place] : []));
    this.#report(slots, problems);
    if (good.length === 0)
      throw new RunError(`All ${size} records of ${name} (${this.settings.split}) are broken.`, problems[0]!.message);
    if (good.length < size) closeGaps(images, good, size, cropLength);
    return {
      memory,
      images: images.subarray(0, VIEWS * good.length * cropLength),
      size: good.length,
      indices: Int32Array.from(good, (place) => slots[place]!.index),
    };
  }

  /** @returns why the record is broken, if it is and may be skipped */
  async #makeCrops(
    slot: Slot,
    target: { epoch: number | null; memory: SharedArrayBuffer; batchSize: number; place: number },
  ): Promise<Error | undefined> {
    const problem = 'error' in slot ? slot.error : await this.pool.run({ ...slot, ...target });
    if (problem !== undefined && this.settings.onBadRecord !== 'skip') throw problem;
    return problem;
  }

  #report(slots: readonly Slot[], problems: readonly (Error | undefined)[]): void {
    slots.forEach(({ index }, place) => {
      const problem = problems[place];
      if (problem === undefined || this.#skipped.has(index)) return;
      this.#skipped.add(index);
      this.logger.warn(`Record ${index} of the split ${this.settings.split} is left out. ${problem.message}`);
    });
  }
}

/** Moves the crops at the `good` places together, in both views. */
function closeGaps(images: Float32Array, good: readonly number[], size: number, cropLength: number): void {
  for (let view = 0; view < VIEWS; view++)
    good.forEach((place, i) => {
      const from = (view * size + place) * cropLength;
      images.copyWithin((view * good.length + i) * cropLength, from, from + cropLength);
    });
}
