import { Flags } from '@oclif/core';
import { synthesizeData, type SynthesizedFile } from '../../../jobs';
import { DatasetCommand, datasetFlag, datasetOptionsArg } from '../../dataset-command';
import { imageSizeFlag, integerFlag } from '../../flags';

export default class DataSynth extends DatasetCommand {
  static override onlyPrints = false;
  static override summary = 'Generate scenes with masks and attributes, and write them to a file.';

  static override description = `The file has the format of the published multi-object data sets: TFRecord, GZIP, one tf.train.Example a scene with image, mask and the attributes of the objects. The same seed and options give the same file. It gets its name only when it is whole.

Records do not say the size of their images, so with another --image-size than that of the data set the reader has to be told: osc data show has an --image-size, too.

Training generates its own scenes: this command is for scenes to look at, or for other programs.`;

  static override examples = [
    '<%= config.bin %> <%= command.id %> --out scenes.tfrecords --num 100',
    '<%= config.bin %> <%= command.id %> --out crowded.tfrecords --num 50 --seed 7 min_objects=8',
    '<%= config.bin %> <%= command.id %> --out small.tfrecords --image-size 96,128 --overwrite',
  ];

  static override strict = false;

  static override args = { options: datasetOptionsArg };

  static override flags = {
    out: Flags.string({ summary: 'File to write.', helpValue: 'FILE', required: true }),
    num: integerFlag({ summary: 'How many scenes.', min: 1, default: 100 }),
    seed: integerFlag({ summary: 'Seed of the scenes; that of the data set if not given.', helpValue: 'S' }),
    'image-size': imageSizeFlag({ summary: 'Height and width of the images; those of the data set if not given.' }),
    dataset: datasetFlag({ summary: 'Which data set, where several generate scenes.' }),
    overwrite: Flags.boolean({ summary: 'Replace the file if it is there.' }),
  };

  async run(): Promise<SynthesizedFile> {
    const { flags, argv } = await this.parse(DataSynth);
    const { dataset, out: output, num: count, seed, overwrite, 'image-size': imageSize } = flags;
    const { parseOptionList } = await import('../../../config/index.js');
    const options = parseOptionList(argv.map(String));
    const written = await this.stoppable((signal) =>
      synthesizeData({ dataset, options, output, count, seed, imageSize, overwrite, signal, ...this.warnings() }),
    );
    this.log(`${written.file}: ${written.records} scenes, ${(written.bytes / 1e6).toFixed(1)} MB`);
    return written;
  }
}
