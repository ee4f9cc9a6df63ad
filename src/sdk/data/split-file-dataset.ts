import { join } from 'node:path';
import { expandHome } from '../../util/home';
import type { Dataset, RawRecord, Sample, SplitName } from '../contracts/data';
import type { RunError } from '../errors';
import type { Progress } from '../logger';
import type { FieldSpec } from './fields';
import { requirePublishedFiles } from './published-files';
import { decodeSample } from './sample';
import { SplitFile, type SplitFileOptions } from './split-file';

/** One published file that comes without splits. */
export interface PublishedFile {
  /** The data set, for messages. */
  readonly who: string;
  /** Data root; may begin with `~`. */
  readonly root: string;
  /** Under the root, as in the bucket. */
  readonly folder: string;
  readonly file: string;
  /** Of its records, the image first. */
  readonly fields: readonly FieldSpec[];
}

/** A data set whose splits are ranges of the records of one published file: see {@link SplitFile}. */
export abstract class SplitFileDataset implements Dataset {
  readonly #published: PublishedFile;
  readonly #root: string;
  readonly #file: SplitFile;

  constructor(published: PublishedFile, split: SplitFileOptions) {
    this.#published = published;
    this.#root = expandHome(published.root);
    this.#file = new SplitFile(join(this.#root, published.folder, published.file), split);
  }

  /** Counts the records, once. */
  async prepare(progress: Progress): Promise<void> {
    const { who, folder, file } = this.#published;
    requirePublishedFiles(who, { root: this.#root, folder, files: [file] });
    await this.#file.prepare(progress);
  }

  size(split: SplitName): Promise<number> {
    return this.#file.size(split);
  }

  records(split: SplitName, from = 0, onBadRecord?: (error: RunError) => void): AsyncIterable<RawRecord> {
    return this.#file.records(split, from, onBadRecord);
  }

  /** Masks and attributes are decoded where they are used: in the test split. */
  decode(record: RawRecord, split: SplitName): Sample {
    const { fields } = this.#published;
    return decodeSample(record, split === 'test' ? fields : fields.slice(0, 1));
  }
}
