import { Args, Flags } from '@oclif/core';
import { noteRun, type NotedRun } from '../../../jobs';
import { BaseCommand } from '../../base-command';

export default class RunsNote extends BaseCommand {
  static override onlyPrints = false;
  static override summary = 'Write a note on a run, show it, or take it away.';

  static override description = `The note is kept in notes.json in the run directory, and osc runs list shows it. It takes the place of the one before; that of the run's config (logging.notes) stays as it was.`;

  static override usage = '<%= command.id %> RUN [TEXT] [--remove] [--json]';

  static override examples = [
    '<%= config.bin %> <%= command.id %> brave-dune "slots blur from epoch 3 on"',
    '<%= config.bin %> <%= command.id %> brave-dune --remove',
  ];

  static override args = {
    run: Args.string({ name: 'RUN', description: 'A run: its directory, its name, or latest.', required: true }),
    text: Args.string({ name: 'TEXT', description: 'The note, in quotes; without it the present one is shown.' }),
  };

  static override flags = { remove: Flags.boolean({ summary: 'Take the note away.' }) };

  async run(): Promise<NotedRun> {
    const { args, flags } = await this.parse(RunsNote);
    const noted = await noteRun({ run: args.run, text: args.text, remove: flags.remove });
    this.log(noted.note === null ? 'The run has no note.' : `Note: ${noted.note}`);
    return noted;
  }
}
