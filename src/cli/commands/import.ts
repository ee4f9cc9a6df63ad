import { relative } from 'node:path';
import { Args, Flags } from '@oclif/core';
import { importWeights } from '../../jobs';
import { BaseCommand } from '../base-command';
import { OVERRIDES_HELP, projectPluginFlag } from '../flags';

export default class Import extends BaseCommand {
  static override onlyPrints = false;
  static override summary = 'Make a checkpoint of weights in safetensors, such as those of a PyTorch state_dict().';
  static override description =
    'The config, put together as for `osc train`, says which model they are of: names and shapes must be those of its ' +
    "parameters, which are the reference's. The folder made is what `osc evaluate`, `osc export` and " +
    `\`osc train --init-from\` take.\n\n${OVERRIDES_HELP}`;
  static override usage =
    '<%= command.id %> FILE.safetensors [OVERRIDES...] [--output DIR] [--plugin NAME]... [--json]';
  static override examples = [
    {
      description: 'weights of the default model, to be tested on generated scenes',
      command: '<%= config.bin %> import weights.safetensors data=scenes --output imported',
    },
    {
      description: 'then',
      command: '<%= config.bin %> evaluate imported',
    },
  ];
  static override strict = false;
  static override args = {
    file: Args.string({ name: 'FILE', description: 'Weights in safetensors, float32.', required: true }),
    overrides: Args.string({ name: 'OVERRIDES', description: 'See below.' }),
  };
  static override flags = {
    plugin: projectPluginFlag,
    output: Flags.string({
      summary:
        'Folder of the checkpoint, empty or not there; FILE without .safetensors in the working directory if not given.',
      helpValue: 'DIR',
    }),
  };

  async run(): Promise<unknown> {
    const { argv, args, flags } = await this.parse(Import);
    const { onLog } = this.reporting();
    const imported = await importWeights({
      file: args.file,
      output: flags.output,
      plugins: flags.plugin,
      overrides: argv.slice(1).map(String),
      onLog,
    });
    const output = flags.output ?? relative(process.cwd(), imported.checkpoint);
    this.log(`${imported.tensors} tensors, ${imported.parameters.toLocaleString('en-US')} parameters: ${output}`);
    this.log(`Test it with  osc evaluate ${output}`);
    return imported;
  }
}
