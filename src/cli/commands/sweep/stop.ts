import { stopSweep, type SweepStatus } from '../../../jobs';
import { BaseCommand } from '../../base-command';
import { describeSweepStatus } from '../../describe-sweep';
import { jobNumbers, sweepArg } from '../../sweep-args';
import { trustPluginsFlag } from '../../trained-arg';

export default class SweepStop extends BaseCommand {
  static override onlyPrints = false;
  static override strict = false;
  static override summary = 'Stop a sweep, or some of its jobs.';
  static override description =
    'Jobs that run finish their step and write a checkpoint; those that wait are not started. osc train --multirun --resume SWEEP ' +
    'goes on with them.';
  static override usage = '<%= command.id %> SWEEP [JOB...] [--json]';
  static override examples = [
    '<%= config.bin %> <%= command.id %> latest',
    '<%= config.bin %> <%= command.id %> latest 3 7',
  ];
  static override args = { sweep: sweepArg };
  static override flags = { 'trust-plugins': trustPluginsFlag };

  async run(): Promise<SweepStatus> {
    const { args, argv, flags } = await this.parse(SweepStop);
    const jobs = jobNumbers(argv.slice(1).map(String));
    const status = await this.stoppable((signal) =>
      stopSweep({ sweep: args.sweep, jobs, trustPlugins: flags['trust-plugins'], onNote: this.onNote, signal }),
    );
    this.log(describeSweepStatus(status, false));
    return status;
  }
}
