import { Args } from '@oclif/core';
import { configGroups } from '../../../jobs';
import { BaseCommand } from '../../base-command';
import { formatTable, tableWidth } from '../../table';

export default class ConfigGroups extends BaseCommand {
  static override summary = 'List the config groups and their choices: group=choice, or +group=choice.';
  static override description =
    'A group that the default config uses has its choice marked with * and is changed by group=choice; one that it does ' +
    'not use is added by +group=choice. Folders of groups of your own are named under "configDirs" in the config file.';
  static override examples = [
    { description: 'all groups', command: '<%= config.bin %> config groups' },
    { description: 'the files behind one', command: '<%= config.bin %> config groups model/obj_queries' },
  ];
  static override args = { group: Args.string({ name: 'GROUP', description: 'Show one group, with its files.' }) };

  async run(): Promise<unknown> {
    const { args } = await this.parse(ConfigGroups);
    const groups = await configGroups({ group: args.group });
    if (args.group === undefined) {
      const rows = groups.map(({ group, default: chosen, choices }) => [
        chosen === null ? `+${group}` : group,
        choices.map(({ name }) => (name === chosen ? `${name}*` : name)).join(', '),
      ]);
      this.log(formatTable(['GROUP', 'CHOICES (* = default)'], rows, tableWidth()));
    } else {
      const { displayPath } = await import('../../../config/index.js');
      const rows = groups.flatMap(({ default: chosen, choices }) =>
        choices.map(({ name, file }) => [name === chosen ? `${name}*` : name, displayPath(file)]),
      );
      this.log(formatTable(['CHOICE (* = default)', 'FILE'], rows, tableWidth()));
    }
    return { groups };
  }
}
