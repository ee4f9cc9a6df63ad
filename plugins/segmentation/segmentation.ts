import {
  component,
  forwardSamples,
  inject,
  OPTIONS,
  UsageError,
  type EvaluationContext,
  type Evaluator,
  type Logger,
  type MetricDescription,
} from 'osc-trainer/sdk';
import { COLUMNS, describeRows, metricName, metricsOf, summarise } from './columns';
import { options, type SegmentationOptions } from './options';
import { countMaps, measureSources, sourcesOf } from './sources';

/**
 * Object segmentation: the attention maps of the slots, and the masks that losses make of them, as large as the image, against
 * the true masks. Formulas are in the README.
 */
@component({
  kind: 'evaluator',
  name: 'segmentation',
  summary: 'How well the attention of the slots segments the objects: IoU, Dice, ARI, FG-ARI, mBO, mSC, mIoU, found',
  options,
  reference: 'src/osc/train.py (run_test_segmentation)',
})
export class SegmentationEvaluator implements Evaluator {
  /** What there is to measure is known once the model is. */
  metrics: Readonly<Record<string, MetricDescription>> = {};

  constructor(@inject(OPTIONS) private readonly options: SegmentationOptions) {}

  async check({ model, masks, samples }: EvaluationContext): Promise<void> {
    if (!model.usesObjects) {
      throw new UsageError(
        'The evaluator segmentation measures slots, and the model has none.',
        'Its architecture does not use objects.',
        ['data.test.evaluators=[]', 'model=vit_obj_global'],
      );
    }
    for await (const sample of samples()) {
      if (sample.masks === null) {
        throw new UsageError(
          'The evaluator segmentation compares slots with masks, and the test split of the data set has none.',
          undefined,
          ['data.test.evaluators=[]', 'data=scenes'],
        );
      }
      const numMaps = forwardSamples(model, [sample], { attention: true }, countMaps);
      this.metrics = describeRows(sourcesOf(numMaps, masks, model.dimensions, this.options.attention));
      return;
    }
  }

  async evaluate(context: EvaluationContext): Promise<Record<string, number>> {
    const { attention, images_without_objects: withoutObjects } = this.options;
    const measured = await measureSources(context, { label: 'Segmentation', chosen: attention });
    const metrics: Record<string, number> = {};
    for (const { row, images } of measured) Object.assign(metrics, metricsOf(row, summarise(images, withoutObjects)));
    warnOfMissing(metrics, context.logger);
    return metrics;
  }
}

function warnOfMissing(metrics: Readonly<Record<string, number>>, logger: Logger): void {
  const names = COLUMNS.map(({ name }) => metricName(name, { key: '' })).filter((name) => !name.includes('/found/'));
  const missing = names.filter((name) => !(name in metrics));
  if (missing.length === 0) return;
  logger.warn(`Not given, as no image of the test split has an object to measure: ${missing.join(', ')}.`);
}
