import { Args, Flags } from '@oclif/core';
import { tagRun, type NotedRun } from '../../../jobs';
import { BaseCommand } from '../../base-command';

export default class RunsTag extends BaseCommand {
  static override onlyPrints = false;
  static override summary = 'Give a run tags, show them, or take them away.';

  static override description = `Tags are kept in notes.json in the run directory, and osc runs list shows them. Those of the run's config (logging.tags) stay as they were.`;

  static override usage = '<%= command.id %> RUN [TAG...] [--remove] [--json]';

  static override examples = [
    '<%= config.bin %> <%= command.id %> brave-dune good paper',
    '<%= config.bin %> <%= command.id %> brave-dune paper --remove',
    { description: 'all of them', command: '<%= config.bin %> <%= command.id %> brave-dune --remove' },
  ];

  static override strict = false;

  static override args = {
    run: Args.string({ name: 'RUN', description: 'A run: its directory, its name, or latest.', required: true }),
    tags: Args.string({ name: 'TAG', description: 'A word or a few; without any, those it has are shown.' }),
  };

  static override flags = { remove: Flags.boolean({ summary: 'Take these tags away; all where none is named.' }) };

  async run(): Promise<NotedRun> {
    const { argv, args, flags } = await this.parse(RunsTag);
    const noted = await tagRun({ run: args.run, tags: argv.slice(1).map(String), remove: flags.remove });
    this.log(noted.tags.length === 0 ? 'The run has no tags.' : `Tags: ${noted.tags.join(', ')}`);
    return noted;
  }
}
