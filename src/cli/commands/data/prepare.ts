import { Flags } from '@oclif/core';
import type { PreparedSplit } from '../../../data/files';
import { BaseCommand } from '../../base-command';
import { createProgress } from '../../progress';

export default class DataPrepare extends BaseCommand {
  static override summary = 'Split the published CLEVR file into the files that training reads.';

  static override description = `Reads DIR/clevr_with_masks/clevr_with_masks_train.tfrecords and writes, beside it, imgs_train.tfrecords and imgs_val.tfrecords (images only) and imgs_test.tfrecords (whole records). Records keep their order: the first --train, the next --val, then the rest.

Files get their names only when all three are whole; nothing is overwritten unasked. Get the published file with
gsutil cp gs://multi-object-datasets/clevr_with_masks/clevr_with_masks_train.tfrecords DIR/clevr_with_masks/`;

  static override examples = [
    '<%= config.bin %> <%= command.id %> --data-root ~/multi-object-datasets',
    '<%= config.bin %> <%= command.id %> --data-root data --train 700 --val 150 --overwrite',
  ];

  static override flags = {
    'data-root': Flags.string({
      summary: 'Folder that has clevr_with_masks/clevr_with_masks_train.tfrecords.',
      helpValue: 'DIR',
      required: true,
    }),
    train: Flags.integer({ summary: 'Records in the train split.', helpValue: 'N', min: 1, default: 70_000 }),
    val: Flags.integer({ summary: 'Records in the val split.', helpValue: 'N', min: 1, default: 15_000 }),
    overwrite: Flags.boolean({ summary: 'Replace split files that are there.' }),
  };

  async run(): Promise<{ splits: PreparedSplit[] }> {
    const { flags } = await this.parse(DataPrepare);
    const { prepareClevr } = await import('../../../data/files/index.js');
    const stopped = new AbortController();
    const stop = (): void => stopped.abort();
    process.once('SIGINT', stop).once('SIGTERM', stop);
    const splits = await prepareClevr(
      {
        dataRoot: flags['data-root'],
        train: flags.train,
        val: flags.val,
        overwrite: flags.overwrite,
        signal: stopped.signal,
      },
      createProgress({ json: this.jsonEnabled() }),
    );
    for (const { file, records } of splits) this.log(`${file}: ${records} records`);
    return { splits };
  }
}
