import { Flags } from '@oclif/core';
import { BaseCommand } from '../../base-command';
import { openProject } from '../../../jobs/project';
import { OVERRIDES_HELP, projectPluginFlag } from '../../flags';

export default class ConfigShow extends BaseCommand {
  static override summary = 'Print the config that a training run with the same arguments would have, as YAML.';
  static override description =
    'Later wins: defaults of components, groups of osc, your own groups, the config file, --plugin, overrides. ' +
    `With --origin every value says which of them it is from.\n\n${OVERRIDES_HELP}`;
  static override usage = '<%= command.id %> [OVERRIDES...] [--plugin NAME]... [--origin] [--package KEY] [--json]';
  static override examples = [
    { description: 'the default config', command: '<%= config.bin %> config show' },
    {
      description: 'the model only, with the file and line behind every value',
      command: '<%= config.bin %> config show model=vit_global_obj --package model --origin',
    },
    {
      description: 'with object queries from k-means',
      command: '<%= config.bin %> config show --plugin kmeans_euclidean model.obj_queries.num_objects=7',
    },
  ];
  static override strict = false;
  static override flags = {
    plugin: projectPluginFlag,
    origin: Flags.boolean({ summary: 'Say where every value comes from: file and line, flag, override or default.' }),
    package: Flags.string({ summary: 'Print one part only, e.g. model.backbone.', helpValue: 'KEY', default: '' }),
  };

  async run(): Promise<unknown> {
    const { argv, flags } = await this.parse(ConfigShow);
    const cwd = process.cwd();
    const { config } = await openProject({ cwd, plugins: flags.plugin ?? [], overrides: argv.map(String) });
    const values = config.get(flags.package);
    if (!this.jsonEnabled()) this.log(config.toYaml(flags.package, { origins: flags.origin, cwd }).trimEnd());
    if (!flags.origin) return values;
    const { describeOrigin } = await import('../../../config/index.js');
    const origins = Array.from(config.entries(flags.package), ([key]) => [
      key,
      describeOrigin(config.origin(key), cwd),
    ]);
    return { values, origins: Object.fromEntries(origins) as Record<string, string> };
  }
}
