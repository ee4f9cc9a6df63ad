import type { Dataset, RawRecord, SplitName } from '../sdk/contracts/data';
import { RunError } from '../sdk/errors';
import { isBadRecord, type OnBadRecord } from './dataset';

/** A place in the order: the record, or why it could not be read. */
export type Slot =
  { readonly index: number; readonly record: RawRecord } | { readonly index: number; readonly error: RunError };

/** So many unreadable records one after the other are not single records gone bad: the file is damaged. */
const MAX_BROKEN_IN_A_ROW = 10;

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
  #brokenInARow = 0;

  /** @param order indices in the split, in the order in which {@link take} gives them; distinct */
  constructor(
    private readonly dataset: Dataset,
    private readonly split: SplitName,
    private readonly order: Int32Array,
    private readonly onBadRecord: OnBadRecord,
  ) {
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
    this.#records ??= this.dataset.records(this.split, this.#next)[Symbol.asyncIterator]();
    const index = this.#next;
    let slot: Slot | undefined;
    try {
      const { done, value } = await this.#records.next();
      if (!done) slot = { index, record: value };
      this.#brokenInARow = 0;
    } catch (error) {
      if (this.onBadRecord !== 'skip' || !isBadRecord(error)) throw error;
      this.#brokenInARow += 1;
      if (this.#brokenInARow > MAX_BROKEN_IN_A_ROW) throw this.#damaged(error);
      this.#records = undefined; // an iterator that threw has ended: the next one starts behind the broken record
      slot = { index, error };
    }
    if (slot === undefined) throw this.#endsEarly(index);
    if (this.#wanted[index]) this.#held.set(index, own(slot));
    this.#next += 1;
  }

  #endsEarly(found: number): RunError {
    return new RunError(
      `The records of the split ${this.split} end after ${found}, but there should be at least ${this.#wanted.length}.`,
      'Its file was changed or is not complete.',
      ['prepare or get the data set again'],
    );
  }

  #damaged(error: RunError): RunError {
    return new RunError(
      `${this.#brokenInARow} records in a row of the split ${this.split} could not be read, the last of them number ${this.#next}.`,
      `That is more than single broken records, which alone data.on_bad_record=skip passes over. ${error.message}`,
      ['get the file again'],
      { cause: error },
    );
  }
}

/** With a copy of the bytes: they may be a view of a larger chunk, which would stay in memory, or the data set's own. */
function own(slot: Slot): Slot {
  if ('error' in slot) return slot;
  return { ...slot, record: { ...slot.record, bytes: new Uint8Array(slot.record.bytes) } };
}
