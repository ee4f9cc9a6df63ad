import { configSchema } from '../../../jobs';
import { BaseCommand } from '../../base-command';
import { projectPluginFlag } from '../../flags';

export default class ConfigSchema extends BaseCommand {
  static override summary = 'Print the JSON Schema of the config file, with the options of every component.';
  static override description =
    'An editor that knows the schema completes keys and marks mistakes: name it under "$schema" in osc.config.json, ' +
    'or in a comment "# yaml-language-server: $schema=FILE" in osc.config.yaml. osc.config.ts needs none: ' +
    "import { defineConfig } from 'osc-trainer/config'.";
  static override examples = [
    { description: 'for an editor', command: '<%= config.bin %> config schema > osc.schema.json' },
  ];
  static override flags = { plugin: projectPluginFlag };

  async run(): Promise<unknown> {
    const { flags } = await this.parse(ConfigSchema);
    const schema = await configSchema({ plugins: flags.plugin });
    if (!this.jsonEnabled()) this.logJson(schema);
    return schema;
  }
}
