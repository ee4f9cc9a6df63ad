import { basename } from 'node:path';
import { explainDiskError } from '../run';
import type { Sample } from '../sdk';
import { sceneFigure, writePicture } from '../visualization';
import { givenPath } from './input';
import { checkOutputFile } from './output-file';
import { readSample, type ReadSampleInput } from './read-sample';

export interface ShowSampleInput extends ReadSampleInput {
  /** PNG file to write; default: the name of the file and the number, in the working directory. */
  readonly output?: string | undefined;
}

/** What a sample holds. An entity is an object or a part of the background; it has a mask. */
export interface ShownSample {
  readonly file: string;
  readonly index: number;
  /** The PNG file. */
  readonly output: string;
  readonly height: number;
  readonly width: number;
  readonly numMasks: number | null;
  /** Of these, masks of the background, which come first. */
  readonly numBackground: number | null;
  /** Pixels of each mask. */
  readonly maskPixels: readonly number[] | null;
  /** For each entity a number, or a list of them. */
  readonly attributes: Readonly<Record<string, readonly (number | readonly number[])[]>>;
}

export async function showSample(input: ShowSampleInput): Promise<ShownSample> {
  const { index } = input;
  const file = givenPath(input, input.file);
  const output = givenPath(input, input.output ?? `${basename(file).replace(/\.tfrecords?$/, '')}-${index}.png`);
  checkOutputFile(output, '--output');
  const sample = await readSample(input);
  try {
    await writePicture(sceneFigure(sample), output);
  } catch (error) {
    throw explainDiskError(error, output, ['--output ANOTHER_FILE']);
  }
  const { height, width, masks, numMasks = null, numBackground = 1 } = sample;
  return {
    file,
    index,
    output,
    height,
    width,
    numMasks,
    numBackground: masks === undefined ? null : numBackground,
    maskPixels: masks === undefined ? null : maskPixels(masks, height * width),
    attributes: attributeValues(sample),
  };
}

/** @param masks `[K, H, W]`; @param size H * W */
function maskPixels(masks: Uint8Array, size: number): number[] {
  return Array.from({ length: masks.length / size }, (_, entity) =>
    masks.subarray(entity * size, (entity + 1) * size).reduce((count, value) => count + (value > 0 ? 1 : 0), 0),
  );
}

function attributeValues({ attributes = {} }: Sample): Record<string, (number | number[])[]> {
  return Object.fromEntries(
    Object.entries(attributes).map(([name, { values, shape }]) => {
      const [entities = 0, width] = shape;
      const rows = Array.from({ length: entities }, (_, entity) =>
        Array.from(values.subarray(entity * (width ?? 1), (entity + 1) * (width ?? 1))),
      );
      return [name, width === undefined ? rows.flat() : rows];
    }),
  );
}
