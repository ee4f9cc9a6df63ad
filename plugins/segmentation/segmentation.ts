import type * as tf from '@tensorflow/tfjs-core';
import {
  component,
  forwardSamples,
  forwardTestSplit,
  inject,
  OPTIONS,
  RunError,
  trueMasks,
  UsageError,
  type Dimensions,
  type EvaluationContext,
  type Evaluator,
  type Logger,
  type MetricDescription,
  type ModelOutputs,
  type TestSample,
} from 'osc-trainer/sdk';
import { scoreMasks, type MaskScores } from 'osc-trainer/sdk/metrics';
import { COLUMNS, summarise } from './columns';
import { options, type SegmentationOptions } from './options';

/** Maps of the slots of a batch. */
interface BatchMaps {
  /** `[B, S, rows, columns]` */
  readonly maps: Float32Array;
  /** S */
  readonly numSlots: number;
  readonly grid: readonly [number, number];
}

/** Of an image, by source. */
type ScoresBySource = Readonly<Record<string, MaskScores>>;

/** The attention of the slots; every other source is a loss, by its key. */
const ATTENTION = 'attention';

/** `test/iou/by_img_no_bg` of attention, `test/KEY/iou/by_img_no_bg` of the masks of the loss KEY. */
function metricName(column: string, source: string): string {
  return source === ATTENTION ? `test/${column}` : `test/${source}/${column}`;
}

function describe(sources: readonly string[]): Record<string, MetricDescription> {
  return Object.fromEntries(
    sources.flatMap((source) =>
      COLUMNS.map(({ name, label, headline = false }) => {
        const of = source === ATTENTION ? { label, headline } : { label: `${label} of ${source}`, headline: false };
        return [metricName(name, source), { ...of, better: 'higher' as const }];
      }),
    ),
  );
}

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
  /** Those of losses are known once their masks are. */
  metrics: Readonly<Record<string, MetricDescription>> = describe([ATTENTION]);

  constructor(@inject(OPTIONS) private readonly options: SegmentationOptions) {}

  async check({ model, masks, samples }: EvaluationContext): Promise<void> {
    this.metrics = describe([ATTENTION, ...masks.map(({ name }) => name)]);
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
      forwardSamples(model, [sample], { attention: true }, (outputs) => this.#attention(outputs, model.dimensions));
      return;
    }
  }

  async evaluate(context: EvaluationContext): Promise<Record<string, number>> {
    const { model, masks } = context;
    const batches = await forwardTestSplit(context, 'Segmentation', { attention: true }, (outputs, samples, batch) => {
      const maps = new Map([[ATTENTION, this.#attention(outputs, model.dimensions)]]);
      for (const source of masks) maps.set(source.name, readMasks(source.masks(batch)));
      return samples.map((sample, i) => scoreSources(sample, maps, i, model.dimensions.imageSize));
    });
    const scores = batches.flat();
    const metrics: Record<string, number> = {};
    for (const source of [ATTENTION, ...masks.map(({ name }) => name)]) {
      const ofSource = scores.map((bySource) => bySource[source]!);
      const summary = summarise(ofSource, this.options.images_without_objects);
      for (const [column, value] of Object.entries(summary)) metrics[metricName(column, source)] = value;
    }
    warnOfMissing(metrics, context.logger);
    return metrics;
  }

  /** Of the chosen iteration. @throws UsageError where the model gives none */
  #attention({ attention }: ModelOutputs, { grid }: Dimensions): BatchMaps {
    const map = attention?.objects.at(this.options.attention === 'first' ? 0 : -1);
    if (map === undefined) {
      throw new UsageError(
        'The evaluator segmentation measures the attention of slots, and the obj_fn of the model gives no maps.',
        undefined,
        ['data.test.evaluators=[]', 'model/obj_fn=slot_attention'],
      );
    }
    return { maps: Float32Array.from(map.dataSync()), numSlots: map.shape[1], grid };
  }
}

function warnOfMissing(metrics: Readonly<Record<string, number>>, logger: Logger): void {
  const names = COLUMNS.map(({ name }) => metricName(name, ATTENTION)).filter((name) => !/\/found\//.test(name));
  const missing = names.filter((name) => !(name in metrics));
  if (missing.length === 0) return;
  logger.warn(`Not given, as no image of the test split has an object to measure: ${missing.join(', ')}.`);
}

function readMasks(masks: tf.Tensor4D): BatchMaps {
  const [, numSlots, rows, columns] = masks.shape;
  return { maps: Float32Array.from(masks.dataSync()), numSlots, grid: [rows, columns] };
}

/** @param i the sample's place in the batch */
function scoreSources(
  sample: TestSample,
  sources: ReadonlyMap<string, BatchMaps>,
  i: number,
  imageSize: readonly [number, number],
): ScoresBySource {
  const truth = trueMasks(sample, imageSize);
  return Object.fromEntries(
    Array.from(sources, ([source, { maps, numSlots, grid }]) => {
      const perImage = numSlots * grid[0] * grid[1];
      const ofImage = maps.subarray(i * perImage, (i + 1) * perImage);
      if (!ofImage.every(Number.isFinite)) {
        const what = source === ATTENTION ? 'The attention of the slots' : `A mask of the loss ${source}`;
        throw new RunError(`${what} on test image ${sample.index} is not finite.`);
      }
      return [source, scoreMasks({ maps: ofImage, numSlots, grid, imageSize }, truth)];
    }),
  );
}
