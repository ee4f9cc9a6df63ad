import { prepareDatasetFiles } from '../data/files';
import type { PreparedFile } from '../sdk';
import { silentProgress } from '../sdk/logger';
import type { Stoppable } from './input';
import { openDataset, type DatasetInput } from './open-dataset';

export interface PrepareDataInput extends DatasetInput, Stoppable {
  /** Folder that the published files lie under; default: that of the data set. */
  readonly root?: string | undefined;
  /** Records of the train split; default: as usual for the data set. */
  readonly train?: number | undefined;
  /** Records of the val split. */
  readonly val?: number | undefined;
  /** Replace files that are there. */
  readonly overwrite?: boolean | undefined;
}

export async function prepareData(input: PrepareDataInput): Promise<readonly PreparedFile[]> {
  const { root, train = null, val = null, overwrite = false, progress = silentProgress, signal } = input;
  const options = { ...input.options, ...(root === undefined ? {} : { root }) };
  const opened = await openDataset('prepareFiles', input, options);
  return prepareDatasetFiles({ ...opened, train, val, overwrite, ...(signal && { signal }) }, progress);
}
