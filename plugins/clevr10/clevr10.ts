import { existsSync } from 'node:fs';
import { join } from 'node:path';
import {
  component,
  inject,
  OPTIONS,
  type PreparableDataset,
  type PreparedFile,
  type PrepareFilesOptions,
  type Progress,
  type RawRecord,
  type RunError,
  type Sample,
  silentProgress,
  type SplitName,
  UsageError,
  z,
} from 'osc-trainer/sdk';
import { decodeSample, downloadCommand, expandHome, readRecords, recordCount } from 'osc-trainer/sdk/data';
import { splitPublishedFile } from './prepare-files';
import { CATEGORIES, FOLDER, IMAGE_FIELDS, PUBLISHED_FILE, SPLITS, WHOLE_FIELDS, splitFile } from './records';

const options = z.strictObject({
  root: z
    .string()
    .min(1)
    .default('~/multi-object-datasets')
    .describe('folder that has clevr_with_masks/imgs_{train,val,test}.tfrecords'),
});

/** CLEVR (with masks) from the split files: `[240, 320, 3]` images, and 11 masks and their attributes in the test split. */
@component({
  kind: 'dataset',
  name: 'CLEVR10',
  summary: 'CLEVR with up to ten objects and masks, from the split files of osc data prepare',
  options,
  reference:
    'Kabra et al., Multi-Object Datasets, 2019 (github.com/deepmind/multi_object_datasets); src/osc/data/clevr_with_masks.py',
})
export class Clevr10 implements PreparableDataset {
  static readonly layouts = [{ fields: WHOLE_FIELDS }, { fields: IMAGE_FIELDS }];

  readonly categories = CATEGORIES;
  readonly maxObjects = 10;
  private readonly root: string;

  constructor(@inject(OPTIONS) { root }: z.infer<typeof options>) {
    this.root = expandHome(root);
  }

  /** Counts the records of files that were not made by `osc data prepare`, once. */
  async prepare(progress: Progress): Promise<void> {
    const missing = SPLITS.map((split) => this.file(split)).filter((file) => !existsSync(file));
    if (missing.length > 0) {
      const published = join(this.root, FOLDER, PUBLISHED_FILE);
      const download = downloadCommand({ root: this.root, folder: FOLDER, files: [PUBLISHED_FILE] });
      const prepare = `osc data prepare --data-root ${this.root}`;
      throw new UsageError(
        `The split files of CLEVR10 are not all there; missing: ${missing.join(', ')}.`,
        existsSync(published)
          ? `They are made of ${published}.`
          : 'They are made of the published file, which is not there either.',
        [
          ...(existsSync(published) ? [prepare] : [`${download} && ${prepare}`]),
          'data.root=DIR if the files are elsewhere',
        ],
      );
    }
    for (const split of SPLITS) await recordCount(this.file(split), progress);
  }

  size(split: SplitName): Promise<number> {
    return recordCount(this.file(split), silentProgress);
  }

  records(split: SplitName, from = 0, onBadRecord?: (error: RunError) => void): AsyncIterable<RawRecord> {
    return readRecords(this.file(split), { from, ...(onBadRecord && { onBadRecord }) });
  }

  decode(record: RawRecord, split: SplitName): Sample {
    return decodeSample(record, split === 'test' ? WHOLE_FIELDS : IMAGE_FIELDS);
  }

  prepareFiles(options: PrepareFilesOptions, progress: Progress): Promise<PreparedFile[]> {
    return splitPublishedFile(this.root, options, progress);
  }

  private file(split: SplitName): string {
    return join(this.root, FOLDER, splitFile(split));
  }
}
