import { recordLayouts } from '../data';
import { readSample as readSampleOf } from '../data/files';
import type { Sample } from '../sdk';
import { silentProgress } from '../sdk/logger';
import { givenPath, type Reporting } from './input';
import { openRegistry, type RegistryInput } from './open-registry';

export interface ReadSampleInput extends RegistryInput, Pick<Reporting, 'progress'> {
  /** A file of records. */
  readonly file: string;
  /** Number of the record, from 0. */
  readonly index: number;
  /** `[H, W]` of the images, where no data set has images of that size. */
  readonly imageSize?: readonly [number, number] | undefined;
}

export async function readSample(input: ReadSampleInput): Promise<Sample> {
  const { index, imageSize, progress = silentProgress } = input;
  const layouts = await recordLayouts(await openRegistry(input));
  return readSampleOf(givenPath(input, input.file), { index, layouts, imageSize }, progress);
}
