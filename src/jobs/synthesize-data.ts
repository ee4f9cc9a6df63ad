import { synthesizeFile, type SynthesizedFile } from '../data/files';
import { silentProgress } from '../sdk/logger';
import { givenPath, type Stoppable } from './input';
import { checkOutputFile } from './output-file';
import { openDataset, type DatasetInput } from './open-dataset';

export interface SynthesizeDataInput extends DatasetInput, Stoppable {
  /** File to write. */
  readonly output: string;
  /** How many scenes; default 100. */
  readonly count?: number | undefined;
  /** Default: that of the data set. */
  readonly seed?: number | undefined;
  /** `[H, W]` in pixels; default: that of the data set. */
  readonly imageSize?: readonly [number, number] | undefined;
  /** Replace the file. */
  readonly overwrite?: boolean | undefined;
}

export async function synthesizeData(input: SynthesizeDataInput): Promise<SynthesizedFile> {
  const { count = 100, seed, imageSize, overwrite = false, progress = silentProgress, signal } = input;
  const options = {
    ...(seed === undefined ? {} : { seed }),
    ...(imageSize === undefined ? {} : { image_size: [...imageSize] }),
    ...input.options,
  };
  const file = givenPath(input, input.output);
  checkOutputFile(file, '--out');
  const opened = await openDataset('synthesize', input, options);
  return synthesizeFile({ ...opened, count, file, overwrite, ...(signal && { signal }) }, progress);
}
