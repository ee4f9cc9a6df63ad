import { Args, Flags } from '@oclif/core';
import { installEngine, type InstallOutcome } from '../../../jobs';
import { UsageError } from '../../../sdk/errors';
import { BaseCommand } from '../../base-command';

const engineArg = Args.custom<'tensorflow'>({
  parse: (text) => {
    if (text === 'tensorflow') return Promise.resolve(text);
    throw new UsageError(
      `There is no engine "${text}" to install: only tensorflow does not come with osc.`,
      undefined,
      ['osc engine install tensorflow'],
    );
  },
});

const MEGABYTE = 1e6;

export default class EngineInstall extends BaseCommand {
  static override onlyPrints = false;
  static override summary = 'Install an engine that does not come with osc: tensorflow, for NVIDIA GPUs.';

  static override description = `Installs @tensorflow/tfjs-node, or with --gpu @tensorflow/tfjs-node-gpu, outside of your project: npm ci there does not remove it, and all projects share it. OSC_ENGINES_DIR names another folder.

The package downloads its own binary. Where that is out of reach, --from-wheel takes TensorFlow's library from a wheel of PyPI and compiles the package's addon: that needs python3 with pip, and g++. An installation that was stopped goes on from what is complete.`;

  static override examples = [
    { description: 'for an NVIDIA GPU', command: '<%= config.bin %> <%= command.id %> tensorflow --gpu' },
    {
      description: "where tfjs-node's own binary cannot be downloaded",
      command: '<%= config.bin %> <%= command.id %> tensorflow --from-wheel',
    },
    { description: 'then', command: '<%= config.bin %> train engine.name=tensorflow' },
  ];

  static override args = {
    engine: engineArg({ description: 'Name of the engine.', required: true }),
  };

  static override flags = {
    gpu: Flags.boolean({ summary: 'The package for NVIDIA GPUs: it needs their driver, CUDA and cuDNN.' }),
    'from-wheel': Flags.boolean({
      summary: "Build on TensorFlow's wheel instead of downloading the package's binary.",
    }),
    force: Flags.boolean({ summary: 'Replace what is installed.' }),
  };

  async run(): Promise<InstallOutcome> {
    const { args, flags } = await this.parse(EngineInstall);
    const { gpu, force, 'from-wheel': fromWheel } = flags;
    const { progress } = this.reporting();
    const outcome = await this.stoppable((signal) =>
      installEngine({ engine: args.engine, gpu, fromWheel, force, progress, signal }),
    );
    this.log(describe(outcome));
    if (gpu && outcome.seesGpu === false) {
      this.logToStderr(
        'TensorFlow sees no GPU here, and computes on the CPU. Where there is one, its driver, CUDA or cuDNN is missing or ' +
          'has another version: docs/engines.md says which it needs.',
      );
    }
    return outcome;
  }
}

function describe({ alreadyInstalled, folder, bytes, tensorflow, ...outcome }: InstallOutcome): string {
  const what = `${outcome.package} ${outcome.version} with TensorFlow ${tensorflow}`;
  const where = `${folder} (${Math.round(bytes / MEGABYTE)} MB)`;
  return alreadyInstalled
    ? `${what} is installed in ${where}. To install it anew: --force`
    : `Installed ${what} in ${where}.\nTrain with: osc train engine.name=tensorflow`;
}
