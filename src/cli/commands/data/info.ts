import { Args, Flags } from '@oclif/core';
import { describeData, type FileDescription } from '../../../jobs';
import { BaseCommand } from '../../base-command';
import { formatTable, tableWidth } from '../../table';

const STORED: Record<string, string> = {
  uint8: 'uint8, one byte string per value',
  tensor: 'uint8, a serialized tensor',
  float32: 'float32',
  int64: 'int64',
};

function fieldRow({ name, list, values, type, shape }: FileDescription['fields'][number]): string[] {
  return [name, shape ? `[${shape.join(', ')}]` : `${values} values`, type ? STORED[type]! : `list of ${list}`];
}

export default class DataInfo extends BaseCommand {
  static override summary = 'Tell what a file of records holds: records, fields, shapes, bytes, compression.';

  static override description = `Reads any TFRecord file of tf.train.Example, packed or not. Fields are those of the first record; shapes are told for files of the data sets: published ones, and those that osc data prepare and osc data synth make.

Counting the records of a packed file means unpacking all of it; the count is kept for the next time.`;

  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> scenes.tfrecords --check',
  ];

  static override args = {
    path: Args.string({
      name: 'FILE',
      description: 'A file, or a folder whose *.tfrecords files are meant.',
      default: '~/multi-object-datasets',
    }),
  };

  static override flags = {
    check: Flags.boolean({ summary: 'Verify the checksum of every record, too.' }),
  };

  async run(): Promise<{ files: FileDescription[] }> {
    const { args, flags } = await this.parse(DataInfo);
    const { check } = flags;
    const { progress } = this.reporting();
    const files = await describeData({
      path: args.path,
      check,
      progress,
      onFile: (description) => this.print(description, check),
    });
    return { files };
  }

  private print(description: FileDescription, checked: boolean): void {
    const { file, compression, bytes, records, recordBytes, fields } = description;
    const packed = compression === 'GZIP' ? 'GZIP' : 'not packed';
    const first = records > 0 ? `, the first of ${recordBytes} bytes` : '';
    this.log(file);
    this.log(`${records} records${first}; ${bytes} bytes, ${packed}${checked ? '; all checksums are right' : ''}`);
    if (fields.length > 0) this.log(formatTable(['FIELD', 'SHAPE', 'STORED AS'], fields.map(fieldRow), tableWidth()));
    this.log();
  }
}
