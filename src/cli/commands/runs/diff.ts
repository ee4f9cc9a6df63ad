import { Args } from '@oclif/core';
import { diffRuns, type RunsDiff } from '../../../jobs';
import { BaseCommand } from '../../base-command';

export default class RunsDiffCommand extends BaseCommand {
  static override summary = 'Show all in which two runs differ: config, versions, engine, metrics.';

  static override description = `FROM says where the value of a key comes from, as far as the command line of the run tells: an override or a flag as it was typed; else a group that was chosen, or a default. Nothing of the runs is executed, and the config is not composed anew.`;

  static override examples = [
    '<%= config.bin %> <%= command.id %> brave-dune latest',
    '<%= config.bin %> <%= command.id %> multirun/2026-01-31/12-00-00_grid/000 multirun/2026-01-31/12-00-00_grid/003 --json',
  ];

  static override args = {
    a: Args.string({ name: 'A', description: 'A run: its directory, its name, or latest.', required: true }),
    b: Args.string({ name: 'B', description: 'Another one.', required: true }),
  };

  async run(): Promise<RunsDiff> {
    const { args } = await this.parse(RunsDiffCommand);
    const diff = await diffRuns({ a: args.a, b: args.b });
    if (!this.jsonEnabled()) {
      const { describeDiff } = await import('../../describe-diff.js');
      this.log(describeDiff(diff));
    }
    return diff;
  }
}
