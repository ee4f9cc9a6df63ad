import type { Callback, EpochEnd, TrainingRun } from 'osc-trainer/sdk';
import { component, inject, OPTIONS, UsageError, z } from 'osc-trainer/sdk';

const schema = z.strictObject({
  weights: z
    .string()
    .nullable()
    .default(null)
    .describe('name of a callback whose weights are tested (ema); null = those being trained'),
});

/** The tests of a run: due when epoch % `data.test.epoch_interval` is 0, so after the first epoch, and after the last one. */
@component({
  kind: 'callback',
  name: 'evaluation',
  summary: 'Runs the evaluators of data.test every so many epochs',
  options: schema,
  reference: 'run_train_val_viz_epochs in osc/train.py',
})
export class EvaluationCallback implements Callback {
  constructor(@inject(OPTIONS) private readonly options: z.infer<typeof schema>) {}

  /** @throws UsageError for weights of a callback that the run does not have: found now, and not after the first epoch */
  onStart({ callbacks }: TrainingRun): void {
    const { weights } = this.options;
    if (weights === null || callbacks.includes(weights)) return;
    throw new UsageError(
      `The weights of ${weights} cannot be tested: training.callbacks has no ${weights}.`,
      `It has ${callbacks.join(', ')}.`,
      [`--plugin ${weights}`, 'training.evaluation.weights=null'],
    );
  }

  async onEpochEnd({ evaluation }: TrainingRun, { epoch, last }: EpochEnd): Promise<void> {
    if (evaluation === null || (!last && epoch % evaluation.epochInterval !== 0)) return;
    await evaluation.run({ last, weights: this.options.weights });
  }
}
