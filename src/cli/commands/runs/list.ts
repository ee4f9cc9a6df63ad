import { Args } from '@oclif/core';
import { listRuns, type ListedRuns } from '../../../jobs';
import { BaseCommand } from '../../base-command';

export default class RunsList extends BaseCommand {
  static override summary = 'List runs: how they are doing, their metrics, and in what they differ.';

  static override description = `Looks at all runs under outputs/ and multirun/ of the working directory, or below the folders that are given; the newest comes first. What stands under RUN is what other commands take. Metrics are the last values of those that evaluators call headlines; --json has more.

STATE is running, finished, stopped (it was asked to: osc train --resume goes on), failed (an error ended it) or killed (it ended without a word).`;

  static override usage = '<%= command.id %> [DIR...] [--json]';

  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    {
      description: 'the runs of a sweep',
      command: '<%= config.bin %> <%= command.id %> multirun/2026-01-31/12-00-00_grid',
    },
  ];

  static override strict = false;

  static override args = {
    dir: Args.string({ name: 'DIR', description: 'A folder with runs below it, a sweep, or a run.' }),
  };

  async run(): Promise<ListedRuns> {
    const { argv } = await this.parse(RunsList);
    const listed = await listRuns({ runs: argv.map(String) });
    if (!this.jsonEnabled()) {
      const { describeRuns } = await import('../../describe-runs.js');
      this.log(describeRuns(listed));
    }
    for (const { folder, problem } of listed.broken) this.logToStderr(`Not listed: ${folder}: ${problem}`);
    return listed;
  }
}
