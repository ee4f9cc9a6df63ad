import { Flags } from '@oclif/core';
import { composeConfig } from '../../../jobs';
import { BaseCommand } from '../../base-command';
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
    const { package: key, origin: origins } = flags;
    const config = await composeConfig({ plugins: flags.plugin, overrides: argv.map(String), onNote: this.onNote });
    const values = config.get(key);
    if (!this.jsonEnabled()) this.log(config.toYaml(key, { origins }).trimEnd());
    return origins ? { values, origins: config.origins(key) } : values;
  }
}
