import type { Callback, EpochEnd, TrainingRun } from 'osc-trainer/sdk';
import { component, z } from 'osc-trainer/sdk';

/** The pictures of a run: due when epoch % `data.viz.epoch_interval` is 0, so after the first epoch, and after the last one. */
@component({
  kind: 'callback',
  name: 'figures',
  summary: 'Draws the figures of data.viz every so many epochs',
  options: z.strictObject({}),
  reference: 'run_train_val_viz_epochs in osc/train.py',
})
export class FiguresCallback implements Callback {
  readonly observer = true;

  async onEpochEnd({ figures }: TrainingRun, { epoch, last }: EpochEnd): Promise<void> {
    if (figures !== null && (last || epoch % figures.epochInterval === 0)) await figures.draw();
  }
}
