import { Args } from '@oclif/core';
import { inspectPlugin, type Inspection } from '../../../jobs';
import { BaseCommand } from '../../base-command';
import { kindFlag, pluginFlag } from '../../flags';
import { formatTable, tableWidth } from '../../table';

export default class PluginsInspect extends BaseCommand {
  static override summary = 'Show a component: its options with types and defaults, its source, where it comes from.';
  static override description = 'Loads the code of the component; its plugin must be enabled.';
  static override examples = [
    '<%= config.bin %> plugins inspect slot-attention',
    {
      description: 'a name that several kinds have',
      command: '<%= config.bin %> plugins inspect learned --kind pos_embed',
    },
    {
      description: 'one of a plugin that is not enabled',
      command: '<%= config.bin %> plugins inspect ring --plugin ./ring',
    },
  ];
  static override args = {
    name: Args.string({ description: 'Name or alias of the component.', required: true }),
  };
  static override flags = { kind: kindFlag, plugin: pluginFlag };

  async run(): Promise<Inspection> {
    const { args, flags } = await this.parse(PluginsInspect);
    const inspection = await inspectPlugin({ name: args.name, kind: flags.kind, plugins: flags.plugin });
    this.log(toText(inspection));
    return inspection;
  }
}

function toText(inspection: Inspection): string {
  const { kind, name, summary, aliases, packageName, packageVersion, builtin, manifestFile, reference } = inspection;
  const width = tableWidth();
  const facts = formatTable(
    ['Kind', kind],
    [
      ...(aliases.length > 0 ? [['Aliases', aliases.join(', ')]] : []),
      ['Package', `${packageName} ${packageVersion}${builtin ? ' (built in)' : ''}`],
      ['Source', manifestFile],
      ...(reference === null ? [] : [['Reference', reference]]),
      ['Chosen by', inspection.configKeys.join(', ')],
    ],
    width,
  );
  const options =
    inspection.options.length === 0
      ? 'It has no options.'
      : formatTable(
          ['OPTION', 'TYPE', 'DEFAULT', 'DESCRIPTION'],
          inspection.options.map((option) => [
            option.name,
            option.type,
            option.required ? '(required)' : JSON.stringify(option.default),
            option.description,
          ]),
          width,
        );
  return `${name}: ${summary}\n\n${facts}\n\n${options}`;
}
