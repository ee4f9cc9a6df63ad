import {
  component,
  forwardSamples,
  inject,
  measureBaselines,
  OPTIONS,
  SplitDigest,
  UntrainedResults,
  UsageError,
  type EvaluationContext,
  type Evaluator,
  type Logger,
  type MetricDescription,
} from 'osc-trainer/sdk';
import { maskBaselines, type MaskBaseline } from 'osc-trainer/sdk/metrics';
import { COLUMNS, describeRows, metricName, metricsOf, summarise, type Row } from './columns';
import { concludeFrom, NUM_OBJECTS } from './conclusion';
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
  #rows: readonly Row[] = [];
  readonly #untrained = new UntrainedResults<Readonly<Record<string, number>>>();

  constructor(@inject(OPTIONS) private readonly options: SegmentationOptions) {}

  async check(context: EvaluationContext): Promise<void> {
    const { model, masks, samples } = context;
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
      const [numMaps, numSlots] = forwardSamples(model, [sample], { attention: true }, (outputs) => {
        return [countMaps(outputs), outputs.attention!.objects[0]!.shape[1]] as const;
      });
      const sources = sourcesOf(numMaps, masks, model.dimensions, this.options.attention);
      const untrained = context.untrained === undefined ? [] : sources.map(ofUntrained);
      const baselines = maskBaselines(numSlots, model.dimensions).map(ofBaseline);
      const compared = this.options.baselines ? [...untrained, ...baselines] : [];
      this.#rows = [...sources, ...compared];
      this.metrics = {
        // masks that a loss trains are what such a model is for; its attention says little
        ...describeRows(this.#rows, masks.length > 0 ? masks.map(({ name }) => name) : ['']),
        [NUM_OBJECTS]: { label: 'Objects in the test images', better: null, baseline: true },
      };
      return;
    }
  }

  async evaluate(context: EvaluationContext): Promise<Record<string, number>> {
    const { attention: chosen, images_without_objects: withoutObjects, baselines } = this.options;
    const digest = new SplitDigest();
    const measured = await measureSources(context, {
      label: 'Segmentation',
      chosen,
      visit: (sample, truth) => {
        digest.add(sample, truth);
      },
    });
    const metrics: Record<string, number> = {};
    for (const { row, images } of measured) Object.assign(metrics, metricsOf(row, summarise(images, withoutObjects)));
    warnOfMissing(metrics, context.logger);
    const { images = [], numSlots = 1 } = measured[0] ?? {};
    metrics[NUM_OBJECTS] = images.reduce((sum, { objects }) => sum + objects.length, 0);
    if (!baselines) return metrics;
    const untrained = await this.#untrained.measure(context, async (before) => {
      const rows = await measureSources(before, { label: 'Segmentation, untrained', chosen });
      return Object.assign(
        {},
        ...rows.map(({ row, images }) => metricsOf(ofUntrained(row), summarise(images, withoutObjects))),
      ) as Record<string, number>;
    });
    Object.assign(metrics, untrained);
    const compared = maskBaselines(numSlots, context.model.dimensions);
    const summaries = await measureBaselines(context, {
      name: 'segmentation',
      label: 'Segmentation, baselines',
      baselines: compared,
      digest: digest.value(),
      summarise: (images) => summarise(images, 'skip'),
    });
    for (const row of compared.map(ofBaseline)) Object.assign(metrics, metricsOf(row, summaries[row.key] ?? {}));
    return metrics;
  }

  conclude(metrics: Readonly<Record<string, number>>): string {
    return concludeFrom(metrics, this.#rows);
  }
}

function ofBaseline({ key, label }: MaskBaseline): Row {
  return { key, label, baseline: true };
}

/** The row of the same masks before training. */
function ofUntrained({ key, label }: Row): Row {
  return { key: key === '' ? 'untrained' : `untrained/${key}`, label: `untrained: ${label}`, baseline: true };
}

function warnOfMissing(metrics: Readonly<Record<string, number>>, logger: Logger): void {
  const names = COLUMNS.map(({ name }) => metricName(name, { key: '' })).filter((name) => !name.includes('/found/'));
  const missing = names.filter((name) => !(name in metrics));
  if (missing.length === 0) return;
  logger.warn(`Not given, as no image of the test split has an object to measure: ${missing.join(', ')}.`);
}
