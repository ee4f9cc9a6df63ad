import { Args, Flags } from '@oclif/core';
import type { SynthesizedFile } from '../../../data/files';

import type { Logger } from '../../../sdk/logger';
import { BaseCommand } from '../../base-command';
import { imageSizeFlag } from '../../flags';
import { openRegistry } from '../../../jobs/open-registry';
import { createProgress } from '../../progress';

const DEFAULT_DATASET = 'scenes';

/** `240,320`, as a list of the override grammar. */

export default class DataSynth extends BaseCommand {
  static override summary = 'Generate scenes with masks and attributes, and write them to a file.';

  static override description = `The file has the format of the published CLEVR with masks: TFRecord, GZIP, one tf.train.Example a scene with image, mask, visibility, x, y, z, pixel_coords, rotation, size, material, shape and color. The same seed and options give the same file. It gets its name only when it is whole.

Readers of the published files expect images of 240 by 320 pixels; records do not say their size, so with another --image-size the reader has to be told: osc data show has an --image-size, too.

Training generates its own scenes: this command is for scenes to look at, or for other programs.`;

  static override examples = [
    '<%= config.bin %> <%= command.id %> --out scenes.tfrecords --num 100',
    '<%= config.bin %> <%= command.id %> --out crowded.tfrecords --num 50 --seed 7 min_objects=8',
    '<%= config.bin %> <%= command.id %> --out small.tfrecords --image-size 96,128 --overwrite',
  ];

  static override strict = false;

  static override args = {
    options: Args.string({
      name: 'KEY=VALUE',
      description: `Options of the data set, any number of them; "osc plugins inspect ${DEFAULT_DATASET}" lists them.`,
    }),
  };

  static override flags = {
    out: Flags.string({ summary: 'File to write.', helpValue: 'FILE', required: true }),
    num: Flags.integer({ summary: 'How many scenes.', helpValue: 'N', min: 1, default: 100 }),
    seed: Flags.integer({ summary: 'Seed of the scenes; that of the data set if not given.', helpValue: 'S' }),
    'image-size': imageSizeFlag({ summary: 'Height and width of the images; those of the data set if not given.' }),
    dataset: Flags.string({ summary: 'Which generated data set.', helpValue: 'NAME', default: DEFAULT_DATASET }),
    overwrite: Flags.boolean({ summary: 'Replace the file if it is there.' }),
  };

  async run(): Promise<SynthesizedFile> {
    const { flags, argv } = await this.parse(DataSynth);
    const size = flags['image-size'];
    const { parseOptionList } = await import('../../../config/index.js');
    const options = parseOptionList([
      ...(flags.seed === undefined ? [] : [`seed=${flags.seed}`]),
      ...(size === undefined ? [] : [`image_size=[${size.join(',')}]`]),
      ...(argv as string[]),
    ]);
    const { createDataset } = await import('../../../data/index.js');
    const { synthesizeFile } = await import('../../../data/files/index.js');
    const registry = await openRegistry();
    const dataset = await createDataset(registry, { name: flags.dataset, options }, this.logger());
    const stopped = new AbortController();
    const stop = (): void => stopped.abort();
    process.once('SIGINT', stop).once('SIGTERM', stop);
    const { out: file, num: count, dataset: name, overwrite } = flags;
    const written = await synthesizeFile(
      { dataset, name, count, file, overwrite, signal: stopped.signal },
      createProgress({ json: this.jsonEnabled() }),
    );
    this.log(`${written.file}: ${written.records} scenes, ${(written.bytes / 1e6).toFixed(1)} MB`);
    return written;
  }

  /** What the data set has to say: on stderr, and only what matters. */
  private logger(): Logger {
    const show = (message: string): void => this.logToStderr(message);
    return { error: show, warn: show, info() {}, debug() {} };
  }
}
