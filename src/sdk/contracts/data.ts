/** Contract of a data set. Instances are made in the main process and in every worker thread, from the same options. */
import type { RecordLayout } from '../data';
import type { RunError } from '../errors';
import type { Progress } from '../logger';

export type SplitName = 'train' | 'val' | 'test';

/** A record as it lies in its file, checked but not decoded. */
export interface RawRecord {
  readonly bytes: Uint8Array;
  /** File it came from, and its index there, for messages. */
  readonly file: string;
  readonly index: number;
  /** Byte offset of the record in the (unpacked) file. */
  readonly offset: number;
}

/** One image with what is known of it. */
export interface Sample {
  /** `[H, W, 3]`, row-major. */
  readonly image: Uint8Array;
  readonly height: number;
  readonly width: number;
  /** `[K, H, W]`, 0 or 255: background first (one mask or {@link numBackground}), then objects; absent in splits with images only. */
  readonly masks?: Uint8Array;
  /** K. */
  readonly numMasks?: number;
  /** How many of the masks, the first ones, are background: at least 1, which is the default. */
  readonly numBackground?: number;
  /** Per-object attributes by name, each `[K]` or `[K, d]` row-major; `visibility` is among them where known. */
  readonly attributes?: Readonly<
    Record<string, { readonly values: Float32Array | Uint8Array; readonly shape: readonly number[] }>
  >;
}

/**
 * An attribute of objects that takes one of a few values: in a {@link Sample} numbers from 1 to `values.length`, 0 for the
 * background and for entities that are not there.
 */
export interface CategoricalAttribute {
  /** As among the attributes of a sample. */
  readonly name: string;
  /** What 1, 2, … stand for. */
  readonly values: readonly string[];
}

/** A data set with some of its options changed. */
export interface VariationLevel {
  /** In names of metrics and at axes: `10`, `held_out`. */
  readonly name: string;
  /** Where it lies among the other levels: they are shown in ascending order. */
  readonly value: number;
  /** Those of the data set's options that differ. */
  readonly options: Readonly<Record<string, unknown>>;
}

/** One thing in which the samples of a data set can be made unlike those that a model was trained on. */
export interface DatasetVariation {
  /** In names of metrics: `objects`. */
  readonly name: string;
  /** For people: `objects in a scene`. */
  readonly label: string;
  /** Where the data set as it is lies among the levels. */
  readonly current: Omit<VariationLevel, 'options'>;
  /** All others. */
  readonly levels: readonly VariationLevel[];
}

/**
 * The static side of a data set's class. Layouts of the records that it reads, with any options, let `osc data info` and
 * `osc data show` read its files.
 */
export interface DatasetClass {
  readonly layouts?: readonly RecordLayout[];
}

/** Kind `dataset`. */
export interface Dataset {
  /** Most objects in an image, backgrounds not among them: a model with fewer slots than these and one is warned of. */
  readonly maxObjects?: number;
  /**
   * What the objects of the test split can be told apart by, for evaluators that ask about them. Questions combine the
   * attributes in this order, the last one varying fastest. Absent where the data set has no such attributes.
   */
  readonly categories?: readonly CategoricalAttribute[];
  /**
   * In what its samples can be varied, to see what a model can bear. Absent where they are what they are.
   *
   * @param numSamples how many samples of the test split will be read: the options of a level should have no more made
   */
  variations?(numSamples: number): readonly DatasetVariation[];
  /**
   * Makes sure that all is there before work starts; generates or counts what can be, with progress.
   * @throws UsageError when files are missing, with the command that makes them
   */
  prepare(progress: Progress): Promise<void>;
  /** Records in a split. Call after {@link prepare}. */
  size(split: SplitName): Promise<number>;
  /**
   * Records in file order, from the `from`-th on. A broken record goes to `onBadRecord` if given (for
   * `data.on_bad_record=skip`), and reading goes on with the next that can be found.
   * @throws RunError for a broken record otherwise
   */
  records(split: SplitName, from?: number, onBadRecord?: (error: RunError) => void): AsyncIterable<RawRecord>;
  /** @throws RunError that names file, record and offset where the bytes are not what they should be */
  decode(record: RawRecord, split: SplitName): Sample;
}

/**
 * A data set whose samples are computed, not found: what `osc data synth` writes to a file. A class of kind `dataset` that
 * has `synthesize` needs nothing prepared for it.
 */
export interface GeneratedDataset extends Dataset {
  /** Samples 0 to `count - 1`, encoded as whole records of the published format, in order. */
  synthesize(count: number): AsyncIterable<Uint8Array>;
}

export interface PrepareFilesOptions {
  /** Records of the train split; null: as many as the data set's authors, or those who use it, put there. */
  readonly train: number | null;
  /** Records of the val split; the test split has those that are left. */
  readonly val: number | null;
  /** Whether files that are there already are replaced. */
  readonly overwrite: boolean;
  /** Stops early; nothing is left then. */
  readonly signal?: AbortSignal;
}

/** A file that {@link PreparableDataset.prepareFiles} wrote. */
export interface PreparedFile {
  readonly split: SplitName;
  readonly file: string;
  readonly records: number;
  readonly bytes: number;
}

/**
 * A data set that reads files made of the published ones: what `osc data prepare` makes. The command finds the data sets
 * whose classes have `prepareFiles`.
 */
export interface PreparableDataset extends Dataset {
  /**
   * Makes the files that this instance reads. They get their names only when all are whole.
   *
   * @throws UsageError when the published files are missing, with the command that gets them, or when files are there already
   * @throws RunError for a broken record, too few records or a full disk; then nothing is left
   */
  prepareFiles(options: PrepareFilesOptions, progress: Progress): Promise<readonly PreparedFile[]>;
}
