import type { Dataset, RawRecord, SplitName } from '../sdk';
import { RunError } from '../sdk/errors';
import type { OnBadRecord } from './dataset';

/** A place in the order: the record, or why it could not be read. */
export type Slot =
  { readonly index: number; readonly record: RawRecord } | { readonly index: number; readonly error: RunError };

/**
 * Reads the records of a split in a given order from files that can only be read from front to back. Holds the records
 * that are read already and wanted later; those that are not wanted at all are passed over.
 */
export class RecordReader {
  readonly #wanted: Uint8Array;
  readonly #held = new Map<number, Slot>();
  #records: AsyncIterator<RawRecord> | undefined;
  /** The file's next record. */
  #next: number;
  #taken = 0;
  #lastProblem: RunError | undefined;
  /** Where broken records are skipped they keep their place. */
  readonly #onBadRecord: ((error: RunError) => void) | undefined;

  /** @param order indices in the split, in the order in which {@link take} gives them; distinct */
  constructor(
    private readonly dataset: Dataset,
    private readonly split: SplitName,
    private readonly order: Int32Array,
    onBadRecord: OnBadRecord,
  ) {
    if (onBadRecord === 'skip')
      this.#onBadRecord = (error) => {
        this.#lastProblem = error;
        this.#arrived((index) => ({ index, error }));
      };
    const [first, last] = order.reduce(([min, max], index) => [Math.min(min, index), Math.max(max, index)], [
      Infinity,
      -1,
    ] as [number, number]);
    this.#next = first;
    this.#wanted = new Uint8Array(last + 1);
    for (const index of order) this.#wanted[index] = 1;
  }

  /** Records that are read and wait for their turn. */
  get held(): number {
    return this.#held.size;
  }

  /**
   * The next records of the order, `count` of them or what is left.
   * @throws RunError for a broken record, unless those are skipped, and for a split with fewer records than it said
   */
  async take(count: number): Promise<Slot[]> {
    const indices = this.order.subarray(this.#taken, this.#taken + count);
    this.#taken += indices.length;
    const slots: Slot[] = [];
    for (const index of indices) {
      while (!this.#held.has(index)) await this.#readOne();
      slots.push(this.#held.get(index)!);
      this.#held.delete(index);
    }
    return slots;
  }

  async close(): Promise<void> {
    await this.#records?.return?.();
  }

  async #readOne(): Promise<void> {
    this.#records ??= this.dataset.records(this.split, this.#next, this.#onBadRecord)[Symbol.asyncIterator]();
    const { done, value } = await this.#records.next();
    if (done) {
      if (this.#next < this.#wanted.length) throw this.#endsEarly();
      return; // the last one was broken
    }
    this.#arrived((index) => ({ index, record: own(value) }));
  }

  /** The file's next record, good or broken. */
  #arrived(slotOf: (index: number) => Slot): void {
    if (this.#wanted[this.#next]) this.#held.set(this.#next, slotOf(this.#next));
    this.#next += 1;
  }

  #endsEarly(): RunError {
    return new RunError(
      `The records of the split ${this.split} end after ${this.#next}, but there should be at least ${this.#wanted.length}.`,
      this.#lastProblem?.message ?? 'A file was changed or is not complete.',
      ['prepare or get the data set again'],
      { cause: this.#lastProblem },
    );
  }
}

/** A copy of the bytes: they may be a view of a larger chunk, which would stay in memory, or the data set's own. */
function own(record: RawRecord): RawRecord {
  return { ...record, bytes: new Uint8Array(record.bytes) };
}
