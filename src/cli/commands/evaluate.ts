import { Args, Flags } from '@oclif/core';
import { evaluate } from '../../jobs';
import { BaseCommand } from '../base-command';
import { integerFlag, oneOf, OVERRIDES_HELP, projectPluginFlag } from '../flags';
import { trainedArg, trustPluginsFlag, weightsFlag } from '../trained-arg';

export default class Evaluate extends BaseCommand {
  static override onlyPrints = false;
  static override summary = 'Test a trained model: the evaluators of its config on the test split.';
  static override description =
    'Takes a run (its newest checkpoint), a checkpoint, or what `osc import` made. The metrics are printed and, with ' +
    'all that they were computed with, written to evaluations/evaluate-TIME.json in the run directory.\n\n' +
    `${OVERRIDES_HELP} They change the config that the model was trained with; weights must still fit.`;
  static override usage =
    '<%= command.id %> RUN|CHECKPOINT [OVERRIDES...] [--weights NAME] [--num-objects N] [--attention first|last] [--json]';
  static override examples = [
    { description: 'the newest run', command: '<%= config.bin %> evaluate latest' },
    {
      description: 'k-means queries with seven clusters',
      command: '<%= config.bin %> evaluate latest --num-objects 7',
    },
    {
      description: 'the attention of the last iteration, on the first 320 images',
      command: '<%= config.bin %> evaluate latest --attention last data.test.max_samples=320',
    },
  ];
  static override strict = false;
  static override args = {
    model: trainedArg,
    overrides: Args.string({ name: 'OVERRIDES', description: 'See below.' }),
  };
  static override flags = {
    plugin: projectPluginFlag,
    weights: weightsFlag,
    'trust-plugins': trustPluginsFlag,
    'num-objects': integerFlag({
      summary: 'Slots of an image, where the queries can give another number than in training (k-means, sample).',
      min: 1,
    }),
    attention: Flags.custom<'first' | 'last'>(oneOf(['first', 'last']))({
      summary: 'Whose attention the slots are measured by: that of the first iteration or block, or of the last.',
    }),
  };

  async run(): Promise<unknown> {
    const { argv, args, flags } = await this.parse(Evaluate);
    const evaluated = await evaluate({
      model: args.model,
      weights: flags.weights,
      trustPlugins: flags['trust-plugins'],
      plugins: flags.plugin,
      overrides: argv.slice(1).map(String),
      onNote: this.onNote,
      numObjects: flags['num-objects'],
      attention: flags.attention,
      ...this.reporting(),
    });
    if (!this.jsonEnabled()) {
      const { describeEvaluation } = await import('../describe-evaluation.js');
      this.log(describeEvaluation(evaluated));
    }
    return evaluated;
  }
}
