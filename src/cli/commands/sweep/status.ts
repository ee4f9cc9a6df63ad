import { Flags } from '@oclif/core';
import { sweepStatus, type SweepStatus } from '../../../jobs';
import { BaseCommand } from '../../base-command';
import { describeSweepStatus } from '../../describe-sweep';
import { sweepArg } from '../../sweep-args';
import { trustPluginsFlag } from '../../trained-arg';

export default class SweepStatusCommand extends BaseCommand {
  static override summary = 'Show how the jobs of a sweep stand.';
  static override description =
    'Asks the jobs, and the queue that they were handed to. A job is waiting, running, finished, stopped (it can go on) or failed.';
  static override examples = ['<%= config.bin %> <%= command.id %> latest'];
  static override args = { sweep: sweepArg };
  static override flags = {
    all: Flags.boolean({ summary: 'List all jobs, however many there are.' }),
    'trust-plugins': trustPluginsFlag,
  };

  async run(): Promise<SweepStatus> {
    const { args, flags } = await this.parse(SweepStatusCommand);
    const status = await sweepStatus({ sweep: args.sweep, trustPlugins: flags['trust-plugins'], onNote: this.onNote });
    this.log(describeSweepStatus(status, flags.all));
    return status;
  }
}
