import { Flags } from '@oclif/core';
import { prepareData, type PreparedFile } from '../../../jobs';
import { integerFlag } from '../../flags';
import { DatasetCommand, datasetFlag, datasetOptionsArg } from '../../dataset-command';

export default class DataPrepare extends DatasetCommand {
  static override onlyPrints = false;
  static override summary = 'Make the files that training reads of the published ones.';

  static override description = `For data sets that are published in one file and read from a file a split: splits it, images only for train and val, whole records for test. The files lie beside the published one. Records keep their order: the first --train, the next --val, then the rest.

Files get their names only when all are whole; nothing is overwritten unasked. Where the published file is missing, the command that gets it is told.`;

  static override examples = [
    '<%= config.bin %> <%= command.id %> --data-root ~/multi-object-datasets',
    '<%= config.bin %> <%= command.id %> --data-root data --train 700 --val 150 --overwrite',
  ];

  static override strict = false;

  static override args = { options: datasetOptionsArg };

  static override flags = {
    dataset: datasetFlag({ summary: 'Which data set, where several have files to prepare.' }),
    'data-root': Flags.string({
      summary: 'Folder that the published files lie under (the option root); that of the data set if not given.',
      helpValue: 'DIR',
    }),
    train: integerFlag({ summary: 'Records of the train split; as usual if not given.', min: 1 }),
    val: integerFlag({ summary: 'Records of the val split; as usual if not given.', min: 1 }),
    overwrite: Flags.boolean({ summary: 'Replace split files that are there.' }),
  };

  async run(): Promise<{ splits: readonly PreparedFile[] }> {
    const { flags, argv } = await this.parse(DataPrepare);
    const { dataset, train, val, overwrite, 'data-root': root } = flags;
    const { parseOptionList } = await import('../../../config/index.js');
    const options = parseOptionList(argv.map(String));
    const splits = await this.stoppable((signal) =>
      prepareData({ dataset, root, options, train, val, overwrite, signal, ...this.warnings() }),
    );
    for (const { file, records } of splits) this.log(`${file}: ${records} records`);
    return { splits };
  }
}
