import type { Dataset, SplitName } from '../sdk';
import { RunError, UsageError } from '../sdk/errors';
import type { Logger, Progress } from '../sdk/logger';
import { silentProgress } from '../sdk/logger';
import { LOGGER } from '../sdk/tokens';
import type { Registry } from '../registry';

/** The data set that a config names. */
export interface DatasetNode {
  readonly name: string;
  readonly options: Readonly<Record<string, unknown>>;
}

/** What the pipeline needs of the registry; a worker opens the same one by its `spec`. */
export type DatasetRegistry = Pick<Registry, 'create' | 'spec'>;

/** What to do about a broken record: `data.on_bad_record`. */
export type OnBadRecord = 'error' | 'skip';

/** @throws UsageError for an unknown name or wrong options */
export function createDataset(
  registry: Pick<Registry, 'create'>,
  { name, options }: DatasetNode,
  logger: Logger,
): Promise<Dataset> {
  return registry.create<Dataset>('dataset', name, { options, provide: new Map([[LOGGER, logger]]) });
}

/** A data set that is ready to be read, and the number of records in a split. */
export async function prepareDataset(
  registry: DatasetRegistry,
  node: DatasetNode,
  split: SplitName,
  logger: Logger,
  progress: Progress = silentProgress,
): Promise<{ dataset: Dataset; size: number }> {
  const dataset = await createDataset(registry, node, logger);
  await dataset.prepare(progress);
  const size = await dataset.size(split);
  if (size === 0) throw new UsageError(`The split ${split} of the data set ${node.name} has no records.`);
  return { dataset, size };
}

/** True for what `data.on_bad_record=skip` may pass over: the world's fault, told by the data set. */
export function isBadRecord(error: unknown): error is RunError {
  // by name: a plugin may carry its own copy of the SDK by mistake
  return error instanceof RunError || (error instanceof Error && error.name === 'RunError');
}
