import { Args, Flags } from '@oclif/core';
import { showSample, type ShownSample } from '../../../jobs';
import { BaseCommand } from '../../base-command';
import { imageSizeFlag, integerFlag } from '../../flags';

function formatValue(value: number | readonly number[]): string {
  if (typeof value !== 'number') return value.map(formatValue).join(', ');
  return Number.isInteger(value) ? String(value) : value.toFixed(2);
}

export default class DataShow extends BaseCommand {
  static override summary = "Write a sample's image and masks to a PNG file and print its attributes.";

  static override description = `Works for files of the data sets: published ones, those that osc data prepare makes, and those of osc data synth. The PNG shows the image, the masks of all objects over it, and each mask that is not empty; the number above a mask is that of its row in the table. Entity 0 is the background, in some data sets the first few are.`;

  static override examples = [
    '<%= config.bin %> <%= command.id %> imgs_test.tfrecords --index 3',
    '<%= config.bin %> <%= command.id %> scenes.tfrecords --index 0 --output scene.png',
  ];

  static override args = {
    file: Args.string({ name: 'FILE', description: 'A file of records.', required: true }),
  };

  static override flags = {
    index: integerFlag({ summary: 'Number of the record, from 0.', min: 0, required: true }),
    output: Flags.string({
      summary: 'PNG file to write; the name of the file and the number if not given.',
      helpValue: 'PNG',
    }),
    'image-size': imageSizeFlag({ summary: 'Height and width of the images, where they are not of a published size.' }),
  };

  async run(): Promise<ShownSample> {
    const { args, flags } = await this.parse(DataShow);
    const { index, output, 'image-size': imageSize } = flags;
    const { progress } = this.reporting();
    const shown = await showSample({ file: args.file, index, output, imageSize, progress });
    this.print(shown);
    this.log(`Image${shown.maskPixels === null ? '' : ' and masks'}: ${shown.output}`);
    return shown;
  }

  private print({ height, width, maskPixels, numBackground, attributes }: ShownSample): void {
    if (maskPixels === null) {
      this.log(`An image of ${height}×${width} pixels, without masks and attributes.`);
      return;
    }
    const columns = Object.values(attributes);
    const rows = maskPixels.map((pixels, entity) => [
      String(entity),
      String(pixels),
      ...columns.map((values) => formatValue(values[entity]!)),
    ]);
    this.log(alignColumns([['entity', 'pixels', ...Object.keys(attributes)], ...rows]));
    if (numBackground !== null && numBackground > 1) {
      this.log(`Entities 0 to ${numBackground - 1} are the background.`);
    }
  }
}

/** Columns of numbers, to the right; wider than a terminal if need be. */
function alignColumns(rows: readonly (readonly string[])[]): string {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  return rows.map((row) => row.map((cell, column) => cell.padStart(widths[column]!)).join('  ')).join('\n');
}
