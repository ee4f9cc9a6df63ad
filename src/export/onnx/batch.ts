/**
 * Sizes that depend on the batch. A tape is of one batch size; tapes of several are laid side by side, and what differs
 * between them is `perBatch * B + constant`, checked on all of them.
 */
import { UsageError } from '../../sdk';
import type { Tape, TapeCall, TapeValue } from './tape';

/** `perBatch * B + constant` */
export interface Size {
  readonly perBatch: number;
  readonly constant: number;
}

export const fixed = (constant: number): Size => ({ perBatch: 0, constant });
export const plus = (a: Size, b: Size): Size => ({
  perBatch: a.perBatch + b.perBatch,
  constant: a.constant + b.constant,
});

/** One forward pass, recorded at each of some batch sizes; at one size everything is fixed. */
export class TapesByBatch {
  /** @throws UsageError where the passes differ in more than sizes */
  constructor(
    readonly batches: readonly number[],
    readonly tapes: readonly Tape[],
  ) {
    const outline = ({ calls, outputs }: Tape): string =>
      JSON.stringify([calls.map(({ kernel, inputs, outputs: made }) => [kernel, inputs, made]), outputs]);
    if (new Set(tapes.map(outline)).size > 1) throw needsFixedBatch('its forward pass runs other ops');
  }

  /** @throws UsageError for a number that does not follow from the batch size by a factor and an offset */
  size(numbers: readonly number[]): Size {
    const [first, second] = numbers as [number, number];
    if (numbers.every((number) => number === first)) return fixed(first);
    const [b1, b2] = this.batches as [number, number];
    const perBatch = (second - first) / (b2 - b1);
    const constant = first - perBatch * b1;
    const holds = numbers.every((number, i) => number === perBatch * this.batches[i]! + constant);
    if (holds && Number.isInteger(perBatch)) return { perBatch, constant };
    throw needsFixedBatch(`a size in it is ${numbers.join(', ')} at ${this.batches.join(', ')} images`);
  }

  sizes(lists: readonly (readonly number[])[]): Size[] {
    return lists[0]!.map((_, i) => this.size(lists.map((list) => list[i]!)));
  }

  shape(value: number): Size[] {
    return this.sizes(this.tapes.map((tape) => tape.values[value]!.shape));
  }

  /** The same call on each tape. */
  calls(index: number): readonly TapeCall[] {
    return this.tapes.map((tape) => tape.calls[index]!);
  }

  /** The values do not depend on the input, nor on the batch. */
  isFixed(value: number): boolean {
    const all = this.tapes.map((tape) => tape.values[value]!.constant);
    const first = all[0]!;
    return first !== null && all.every((other) => other !== null && sameValues(first, other));
  }

  /**
   * One image's part of a constant that no kernel made: a token that is laid out for every image of a batch is one token.
   *
   * @throws UsageError for one whose values differ from image to image
   */
  ofOneImage(value: number): TapeValue {
    const all = this.tapes.map((tape) => tape.values[value]!);
    const first = all[0]!;
    const data = first.constant!;
    const [rows, ...inner] = this.shape(value);
    const length = data.length / this.batches[0]!;
    const repeats = all.every(({ constant }) => constant!.every((item, i) => Object.is(item, data[i % length])));
    if (rows?.constant !== 0 || inner.some(({ perBatch }) => perBatch !== 0) || !repeats) {
      throw needsFixedBatch('it uses numbers that differ from image to image of a batch (noise, or drawn places)');
    }
    const shape = [rows.perBatch, ...inner.map(({ constant }) => constant)];
    return { ...first, shape, constant: data.slice(0, length) };
  }
}

function sameValues(a: ArrayLike<number>, b: ArrayLike<number>): boolean {
  return a.length === b.length && Array.prototype.every.call(a, (item, i) => Object.is(item, b[i]));
}

function needsFixedBatch(why: string): UsageError {
  return new UsageError(
    'The model cannot be exported to ONNX for batches of any size.',
    `What it computes depends on the size: ${why}.`,
    ['--batch 1'],
  );
}
