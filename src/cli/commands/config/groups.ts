import { Args } from '@oclif/core';
import { BaseCommand } from '../../base-command';
import { formatTable, tableWidth } from '../../table';
import { loadConfigFile } from '../../../config/file';

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
    const { defaultChoices, displayPath, groupFolders } = await import('../../../config/index.js');
    const file = await loadConfigFile(process.cwd());
    const folders = groupFolders(file);
    const defaults = defaultChoices(file);
    if (args.group !== undefined && !folders.has(args.group)) {
      throw folders.missing(args.group, '', { kind: 'override', text: args.group });
    }
    const groups = (args.group === undefined ? folders.groups : [args.group]).map((group) => ({
      group,
      default: defaults[group] ?? null,
      choices: Array.from(folders.choices(group), ([name, path]) => ({ name, file: path })),
    }));
    if (args.group === undefined) {
      const rows = groups.map(({ group, default: chosen, choices }) => [
        chosen === null ? `+${group}` : group,
        choices.map(({ name }) => (name === chosen ? `${name}*` : name)).join(', '),
      ]);
      this.log(formatTable(['GROUP', 'CHOICES (* = default)'], rows, tableWidth()));
    } else {
      const [only] = groups;
      const rows = only!.choices.map(({ name, file: path }) => [
        name === only!.default ? `${name}*` : name,
        displayPath(path),
      ]);
      this.log(formatTable(['CHOICE (* = default)', 'FILE'], rows, tableWidth()));
    }
    return { groups };
  }
}
