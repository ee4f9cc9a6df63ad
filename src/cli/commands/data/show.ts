import { basename } from 'node:path';
import { Args, Flags } from '@oclif/core';
import type { Sample } from '../../../sdk';
import { expandHome } from '../../../util/home';
import { BaseCommand } from '../../base-command';
import { imageSizeFlag } from '../../flags';
import { createProgress } from '../../progress';

interface Shown {
  file: string;
  index: number;
  output: string;
  height: number;
  width: number;
  numMasks: number | null;
  numBackground: number | null;
  attributes: Record<string, (number | number[])[]>;
}

/** Per entity, a number or a list of them. */
function attributeValues(sample: Sample): Shown['attributes'] {
  return Object.fromEntries(
    Object.entries(sample.attributes ?? {}).map(([name, { values, shape }]) => {
      const width = shape[1];
      const value = (entity: number): number | number[] =>
        width === undefined ? values[entity]! : [...values.subarray(entity * width, (entity + 1) * width)];
      return [name, Array.from({ length: shape[0]! }, (_, entity) => value(entity))];
    }),
  );
}

function formatValue(value: number | number[]): string {
  if (Array.isArray(value)) return value.map(formatValue).join(', ');
  return Number.isInteger(value) ? String(value) : value.toFixed(2);
}

export default class DataShow extends BaseCommand {
  static override summary = "Write a sample's image and masks to a PNG file and print its attributes.";

  static override description = `Works for the published files of CLEVR (with masks), Multi-dSprites, Objects Room and Tetrominoes and for split files. The PNG shows the image, the masks of all objects over it, and each mask that is not empty; the number above a mask is that of its row in the table. Entity 0 is the background; in Objects Room entities 0 to 3 are.`;

  static override examples = [
    '<%= config.bin %> <%= command.id %> ~/multi-object-datasets/clevr_with_masks/imgs_test.tfrecords --index 3',
    '<%= config.bin %> <%= command.id %> scenes.tfrecords --index 0 --output scene.png',
  ];

  static override args = {
    file: Args.string({ name: 'FILE', description: 'A file of records.', required: true }),
  };

  static override flags = {
    index: Flags.integer({ summary: 'Number of the record, from 0.', helpValue: 'N', min: 0, required: true }),
    output: Flags.string({
      summary: 'PNG file to write; the name of the file and the number if not given.',
      helpValue: 'PNG',
    }),
    'image-size': imageSizeFlag({ summary: 'Height and width of the images, where they are not of a published size.' }),
  };

  async run(): Promise<Shown> {
    const { args, flags } = await this.parse(DataShow);
    const { index } = flags;
    const { readSample } = await import('../../../data/files/index.js');
    const { sceneFigure, writePng } = await import('../../../visualization/index.js');
    const file = expandHome(args.file);
    const sample = await readSample(file, index, createProgress({ json: this.jsonEnabled() }), flags['image-size']);
    const output = flags.output ?? `${basename(file).replace(/\.tfrecords?$/, '')}-${index}.png`;
    await writePng(sceneFigure(sample), output);
    const attributes = attributeValues(sample);
    this.print(sample, attributes);
    this.log(`Image${sample.masks ? ' and masks' : ''}: ${output}`);
    return {
      file,
      index,
      output,
      height: sample.height,
      width: sample.width,
      numMasks: sample.numMasks ?? null,
      numBackground: sample.masks ? (sample.numBackground ?? 1) : null,
      attributes,
    };
  }

  private print(
    { height, width, masks, numMasks = 0, numBackground = 1 }: Sample,
    attributes: Shown['attributes'],
  ): void {
    if (!masks) {
      this.log(`An image of ${height}×${width} pixels, without masks and attributes.`);
      return;
    }
    const size = height * width;
    const pixels = (entity: number): number =>
      masks.subarray(entity * size, (entity + 1) * size).reduce((count, value) => count + (value > 0 ? 1 : 0), 0);
    const names = Object.keys(attributes);
    const rows = Array.from({ length: numMasks }, (_, entity) => [
      String(entity),
      String(pixels(entity)),
      ...names.map((name) => formatValue(attributes[name]![entity]!)),
    ]);
    this.log(alignColumns([['entity', 'pixels', ...names], ...rows]));
    if (numBackground > 1) this.log(`Entities 0 to ${numBackground - 1} are the background.`);
  }
}

/** Columns of numbers, to the right; wider than a terminal if need be. */
function alignColumns(rows: readonly (readonly string[])[]): string {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  return rows.map((row) => row.map((cell, column) => cell.padStart(widths[column]!)).join('  ')).join('\n');
}
