import { Flags } from '@oclif/core';
import { followSweepLog, sweepLogs, type SweepLog } from '../../../jobs';
import { UsageError } from '../../../sdk/errors';
import { BaseCommand } from '../../base-command';
import { integerFlag } from '../../flags';
import { jobNumbers, sweepArg } from '../../sweep-args';

export default class SweepLogs extends BaseCommand {
  static override strict = false;
  static override summary = 'Show what the jobs of a sweep have printed.';
  static override usage = '<%= command.id %> SWEEP [JOB...] [--lines N] [--follow] [--json]';
  static override examples = [
    '<%= config.bin %> <%= command.id %> latest',
    '<%= config.bin %> <%= command.id %> latest 3 --lines 100',
    '<%= config.bin %> <%= command.id %> latest 3 --follow',
  ];
  static override args = { sweep: sweepArg };
  static override flags = {
    lines: integerFlag({ char: 'n', summary: 'The last so many lines of each job.', min: 1, default: 10 }),
    follow: Flags.boolean({ char: 'f', summary: 'Go on with what the job prints from now on. Of one job.' }),
  };

  async run(): Promise<SweepLog[]> {
    const { args, argv, flags } = await this.parse(SweepLogs);
    const jobs = jobNumbers(argv.slice(1).map(String));
    if (flags.follow && (jobs?.length !== 1 || this.jsonEnabled())) {
      throw new UsageError('--follow is for the log of one job, and not with --json.', undefined, [
        'osc sweep logs SWEEP 0 --follow',
      ]);
    }
    const logs = await sweepLogs({ sweep: args.sweep, jobs, lines: flags.lines });
    for (const { number, name, lines } of logs) {
      if (logs.length > 1) this.log(`== job ${number}${name === '' ? '' : ` (${name})`}`);
      for (const line of lines) this.log(line);
    }
    const [log] = logs;
    if (logs.length === 0) this.log('No job has printed anything.');
    if (flags.follow && log !== undefined) {
      await this.stoppable((signal) => followSweepLog(log.file, (text) => process.stdout.write(text), signal));
    }
    return logs;
  }
}
