/** Making the files that a data set reads of those that are published. */
import type { Dataset, PreparableDataset, PreparedFile, PrepareFilesOptions } from '../../sdk';
import { UsageError } from '../../sdk/errors';
import type { Progress } from '../../sdk/logger';

export interface PrepareDatasetOptions extends PrepareFilesOptions {
  readonly dataset: Dataset;
  /** Its name in the config, for messages. */
  readonly name: string;
}

function isPreparable(dataset: Dataset): dataset is PreparableDataset {
  return 'prepareFiles' in dataset && typeof dataset.prepareFiles === 'function';
}

/**
 * @throws UsageError if the data set reads its published files as they are, these are missing, or prepared files are there
 *     already
 * @throws RunError as `PreparableDataset.prepareFiles`
 */
export async function prepareDatasetFiles(
  { dataset, name, ...options }: PrepareDatasetOptions,
  progress: Progress,
): Promise<readonly PreparedFile[]> {
  if (isPreparable(dataset)) return dataset.prepareFiles(options, progress);
  throw new UsageError(`The data set ${name} needs no files prepared: it is read as it is.`, undefined, [
    `osc train data.name=${name}`,
  ]);
}
