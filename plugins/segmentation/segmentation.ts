import {
  component,
  forwardSamples,
  forwardTestSplit,
  inject,
  OPTIONS,
  RunError,
  UsageError,
  type EvaluationContext,
  type Evaluator,
  type MetricDescription,
  type ModelOutputs,
  type TestSample,
} from 'osc-trainer/sdk';
import { prepareTestLabels } from 'osc-trainer/sdk/image';
import { options, type SegmentationOptions } from './options';
import { scoreImage, type ImageScores } from './score-image';

/** Means of the scores over images. */
const METRICS = {
  iou: { name: 'test/iou/by_img_no_bg', label: 'IoU', headline: true },
  dice: { name: 'test/dice/by_img_no_bg', label: 'Dice', headline: true },
  ari: { name: 'test/ari', label: 'ARI', headline: false },
  fgAri: { name: 'test/fg_ari', label: 'FG-ARI', headline: true },
  mbo: { name: 'test/mbo', label: 'mBO', headline: false },
} as const satisfies Record<keyof ImageScores, object>;

const SCORES = Object.keys(METRICS) as (keyof ImageScores)[];

/** Attention maps of a batch. */
interface SlotMaps {
  /** `[B, S, N]` */
  readonly attention: Float32Array;
  /** S */
  readonly numSlots: number;
}

/** What the reference gives NaN for in an image without objects. */
const OF_REFERENCE: readonly (keyof ImageScores)[] = ['iou', 'dice'];

/**
 * Object segmentation: the attention maps of the slots, as large as the image, against the true masks. Formulas are in
 * the README.
 */
@component({
  kind: 'evaluator',
  name: 'segmentation',
  summary: 'How well the attention of the slots segments the objects: IoU, Dice, ARI, FG-ARI, mBO',
  options,
  reference: 'src/osc/train.py (run_test_segmentation)',
})
export class SegmentationEvaluator implements Evaluator {
  readonly metrics: Readonly<Record<string, MetricDescription>> = Object.fromEntries(
    Object.values(METRICS).map(({ name, label, headline }) => [name, { label, better: 'higher', headline }]),
  );

  constructor(@inject(OPTIONS) private readonly options: SegmentationOptions) {}

  async check({ model, samples }: EvaluationContext): Promise<void> {
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
      forwardSamples(model, [sample], { attention: true }, (outputs) => this.#maps(outputs));
      return;
    }
  }

  async evaluate(context: EvaluationContext): Promise<Record<string, number>> {
    const batches = await forwardTestSplit(context, 'Segmentation', { attention: true }, (outputs, samples) =>
      this.#score(context.model, this.#maps(outputs), samples),
    );
    const scores = batches.flat();
    const metrics: Record<string, number> = {};
    for (const score of SCORES) {
      const { name } = METRICS[score];
      const values = scores.map((ofImage) => ofImage[score]);
      const skip = this.options.images_without_objects === 'skip' || !OF_REFERENCE.includes(score);
      const counted = skip ? values.filter((value) => !Number.isNaN(value)) : values;
      if (counted.length === 0)
        context.logger.warn(`${name} is not given: no image of the test split has an object to measure.`);
      else metrics[name] = counted.reduce((sum, value) => sum + value, 0) / counted.length;
    }
    return metrics;
  }

  #score(
    { dimensions }: EvaluationContext['model'],
    { attention, numSlots }: SlotMaps,
    samples: readonly TestSample[],
  ): ImageScores[] {
    const { grid, imageSize, numTokens } = dimensions;
    const perImage = numSlots * numTokens;
    return samples.map(({ index, masks, numMasks, visibility, original }, i) => {
      const ofImage = attention.subarray(i * perImage, (i + 1) * perImage);
      if (!ofImage.every(Number.isFinite)) {
        throw new RunError(`The attention of the slots on test image ${index} is not finite.`);
      }
      if (masks === null || original.masks === undefined) {
        throw new RunError(`Test image ${index} has no masks, while those before it have.`);
      }
      return scoreImage(
        { attention: ofImage, numSlots, grid, imageSize },
        {
          masks,
          numMasks,
          numBackground: original.numBackground ?? 1,
          visibility,
          labels: prepareTestLabels(original.masks, [original.height, original.width], imageSize),
        },
      );
    });
  }

  /** Of the chosen iteration. @throws UsageError where the model gives none */
  #maps({ attention }: ModelOutputs): SlotMaps {
    const map = attention?.objects.at(this.options.attention === 'first' ? 0 : -1);
    if (map === undefined) {
      throw new UsageError(
        'The evaluator segmentation measures the attention of slots, and the obj_fn of the model gives no maps.',
        undefined,
        ['data.test.evaluators=[]', 'model/obj_fn=slot_attention'],
      );
    }
    return { attention: Float32Array.from(map.dataSync()), numSlots: map.shape[1] };
  }
}
