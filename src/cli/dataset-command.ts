/** What the commands that make files of a data set have in common. */
import { Args, Flags } from '@oclif/core';
import type { Reporting } from '../jobs';
import { BaseCommand } from './base-command';

/** `KEY=VALUE …` */
export const datasetOptionsArg = Args.string({
  name: 'KEY=VALUE',
  description: 'Options of the data set, any number of them; "osc plugins inspect NAME" lists them.',
});

/** `--dataset` */
export const datasetFlag = Flags.custom<string>({ helpValue: 'NAME' });

export abstract class DatasetCommand extends BaseCommand {
  /** What the data set has to say goes to stderr. */
  protected warnings(): Reporting {
    return { progress: this.reporting().progress, onLog: (line) => this.logToStderr(line) };
  }
}
