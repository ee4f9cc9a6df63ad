import { readSample as readSampleOf } from '../data/files';
import type { Sample } from '../sdk';
import { silentProgress } from '../sdk/logger';
import { givenPath, type FolderInput, type Reporting } from './input';

export interface ReadSampleInput extends FolderInput, Pick<Reporting, 'progress'> {
  /** A file of records. */
  readonly file: string;
  /** Number of the record, from 0. */
  readonly index: number;
  /** `[H, W]` of the images, where they are not of a published size. */
  readonly imageSize?: readonly [number, number] | undefined;
}

export function readSample(input: ReadSampleInput): Promise<Sample> {
  const { index, imageSize, progress = silentProgress } = input;
  return readSampleOf(givenPath(input, input.file), index, progress, imageSize);
}
