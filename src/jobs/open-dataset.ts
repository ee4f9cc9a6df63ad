/** The data set of the jobs that make files of one. */
import { createDataset, onlyDatasetThatCan, type DatasetAbility } from '../data';
import type { Dataset } from '../sdk';
import type { Logger } from '../sdk/logger';
import type { Reporting } from './input';
import { openRegistry, type RegistryInput } from './open-registry';

export interface DatasetInput extends RegistryInput, Reporting {
  /** Name of the data set; default: the only one that can do this. */
  readonly dataset?: string | undefined;
  /** Its options, by name. */
  readonly options?: Readonly<Record<string, unknown>> | undefined;
}

export interface OpenedDataset {
  readonly name: string;
  readonly dataset: Dataset;
}

/** @throws UsageError for an unknown name or wrong options, or where several data sets have the ability */
export async function openDataset(
  ability: DatasetAbility,
  input: DatasetInput,
  options: Readonly<Record<string, unknown>>,
): Promise<OpenedDataset> {
  const registry = await openRegistry(input);
  const name = input.dataset ?? (await onlyDatasetThatCan(ability, registry, '--dataset'));
  return { name, dataset: await createDataset(registry, { name, options }, warningsTo(input.onLog)) };
}

/** What the data set has to say, and only what matters. */
function warningsTo(onLog: Reporting['onLog']): Logger {
  const show = (message: string): void => onLog?.(message);
  return { error: show, warn: show, info() {}, debug() {} };
}
