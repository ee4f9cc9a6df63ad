import { Help } from '@oclif/core';
import { unknownCommand } from './unknown-command';

const EXAMPLES: readonly (readonly [string, string])[] = [
  ['osc train +exp=demo', 'train on generated scenes, in a few minutes on a laptop'],
  ['osc train --plugin kmeans_euclidean', 'the default model, its queries from k-means'],
  ['osc train model.obj_queries.num_objects=7 optimizer.start_lr=1e-3', 'change single values of the config'],
  ['osc plugins list --kind obj_queries', 'what one part of the model can be swapped for'],
  ['osc doctor', 'what this machine has to train with'],
];

/** oclif's help, but the first page lists every command, and shows how the main ones are used. */
export class OscHelp extends Help {
  override async showHelp(argv: string[]): Promise<void> {
    try {
      await super.showHelp(argv);
    } catch (error) {
      const written = /^Command (.*) not found\.$/.exec((error as Error).message)?.[1];
      throw written === undefined ? error : unknownCommand(written, this.config.commandIDs);
    }
  }

  override async showRootHelp(): Promise<void> {
    const commands = this.sortedCommands.filter((command) => !command.hidden && command.id !== '');
    const examples = EXAMPLES.filter(([line]) => this.config.findCommand(commandOf(line)) !== undefined);
    const sections = [
      this.formatRoot(),
      this.formatCommands(commands),
      this.section('EXAMPLES', examples.map(([line, what]) => `# ${what}\n$ ${line}`).join('\n\n')),
      'What a command takes: osc COMMAND --help',
    ];
    this.log(sections.join('\n\n'));
    return Promise.resolve();
  }
}

/** Id of the command of an example line: its words before the first flag or override. */
function commandOf(line: string): string {
  const words = line.split(' ').slice(1);
  const end = words.findIndex((word) => /[-+=]/.test(word));
  return words.slice(0, end === -1 ? undefined : end).join(':');
}
