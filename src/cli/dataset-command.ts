/** What the commands that make files of a data set have in common. */
import { Args, Flags } from '@oclif/core';
import type { DatasetAbility } from '../data';
import type { Dataset } from '../sdk';
import type { Logger } from '../sdk/logger';
import { BaseCommand } from './base-command';
import { openRegistry } from '../jobs/open-registry';

/** `KEY=VALUE …` */
export const datasetOptionsArg = Args.string({
  name: 'KEY=VALUE',
  description: 'Options of the data set, any number of them; "osc plugins inspect NAME" lists them.',
});

/** `--dataset` */
export const datasetFlag = Flags.custom<string>({ helpValue: 'NAME' });

export interface OpenedDataset {
  readonly name: string;
  readonly dataset: Dataset;
}

export abstract class DatasetCommand extends BaseCommand {
  /**
   * @param name of the data set; if not given, the only one that has this ability
   * @throws UsageError for an unknown name or wrong options, or where several data sets have the ability
   */
  protected async openDataset(
    ability: DatasetAbility,
    name: string | undefined,
    options: Readonly<Record<string, unknown>>,
  ): Promise<OpenedDataset> {
    const { createDataset, onlyDatasetThatCan } = await import('../data/index.js');
    const registry = await openRegistry();
    const chosen = name ?? (await onlyDatasetThatCan(ability, registry, '--dataset'));
    return { name: chosen, dataset: await createDataset(registry, { name: chosen, options }, this.#logger()) };
  }

  /** Aborted by the first SIGINT or SIGTERM. */
  protected stopSignal(): AbortSignal {
    const stopped = new AbortController();
    const stop = (): void => stopped.abort();
    process.once('SIGINT', stop).once('SIGTERM', stop);
    return stopped.signal;
  }

  /** What the data set has to say: on stderr, and only what matters. */
  #logger(): Logger {
    const show = (message: string): void => this.logToStderr(message);
    return { error: show, warn: show, info() {}, debug() {} };
  }
}
