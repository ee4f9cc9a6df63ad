/** The three splits of a published file that comes without: ranges of its records, so that nothing is written anew. */
import { z } from 'zod';
import type { RawRecord, SplitName } from '../contracts/data';
import { type RunError, UsageError } from '../errors';
import { type Progress, silentProgress } from '../logger';
import { recordCount } from './record-count';
import { readRecords } from './tfrecord-reader';

/** As many as the reference's data set has; counting and skipping a million takes minutes. */
const NUM_RECORDS = 100_000;
/** Parts of validation and of test, as in the reference's split of its data set. */
const PERCENT = 15;

const part = z.int().min(1).nullable().default(null);

/** Options of a data set with a {@link SplitFile}, to be spread into its schema. */
export const splitFileOptions = {
  num_records: z
    .int()
    .min(3)
    .nullable()
    .default(NUM_RECORDS)
    .describe('use the first so many records of the file, or all where it has fewer; null = all'),
  num_test: part.describe(`records of the test split, the first ones; null = ${PERCENT} % of those used`),
  num_val: part.describe(`records of the validation split, the next ones; null = ${PERCENT} % of those used`),
};

export interface SplitFileOptions {
  readonly num_records: number | null;
  readonly num_test: number | null;
  readonly num_val: number | null;
}

/** Records `start` to `start + size - 1` of a file. */
export interface RecordRange {
  readonly start: number;
  readonly size: number;
}

/**
 * Test comes first, then validation, then training: a gzip file is unpacked from its start, and the splits that are
 * read whole and seldom pass over little.
 *
 * @param available records of the file, or as many as are to be used
 * @throws UsageError where no record is left for training
 */
export function splitRanges(
  file: string,
  available: number,
  { num_test, num_val }: SplitFileOptions,
): Readonly<Record<SplitName, RecordRange>> {
  const usual = Math.max(1, Math.floor((available * PERCENT) / 100));
  const [test, val] = [num_test ?? usual, num_val ?? usual];
  const train = available - test - val;
  if (train < 1) {
    throw new UsageError(
      `Of ${available} records of ${file}, ${test} are for test and ${val} for validation: none is left for training.`,
      undefined,
      available < 3
        ? [`osc data info ${file}`]
        : ['data.num_test=null data.num_val=null', 'data.num_records=null uses all records of the file'],
    );
  }
  return {
    test: { start: 0, size: test },
    val: { start: test, size: val },
    train: { start: test + val, size: train },
  };
}

/** Reads the splits of one file. */
export class SplitFile {
  #ranges: Promise<Readonly<Record<SplitName, RecordRange>>> | undefined;

  constructor(
    readonly file: string,
    private readonly options: SplitFileOptions,
  ) {}

  /** Counts the records, once a file. @throws UsageError where there are too few */
  async prepare(progress: Progress): Promise<void> {
    await this.range('train', progress);
  }

  /** Where a split lies. */
  async range(split: SplitName, progress: Progress = silentProgress): Promise<RecordRange> {
    this.#ranges ??= this.#split(progress);
    return (await this.#ranges)[split];
  }

  async size(split: SplitName): Promise<number> {
    return (await this.range(split)).size;
  }

  /** As `Dataset.records`. */
  async *records(
    split: SplitName,
    from = 0,
    onBadRecord?: (error: RunError) => void,
  ): AsyncGenerator<RawRecord, void, undefined> {
    const { start, size } = await this.range(split);
    let left = size - from;
    if (left <= 0) return;
    // a broken record is one of the split, too; those after the split are not
    const onBad = (error: RunError): void => {
      if (left-- > 0) onBadRecord!(error);
    };
    for await (const record of readRecords(this.file, {
      from: start + from,
      ...(onBadRecord && { onBadRecord: onBad }),
    })) {
      if (left-- <= 0) return;
      yield record;
      if (left <= 0) return;
    }
  }

  async #split(progress: Progress): Promise<Readonly<Record<SplitName, RecordRange>>> {
    const available = await recordCount(this.file, progress, this.options.num_records ?? Infinity);
    return splitRanges(this.file, available, this.options);
  }
}
