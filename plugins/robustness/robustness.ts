import {
  component,
  forwardSamples,
  inject,
  isReportedError,
  OPTIONS,
  UsageError,
  type DatasetVariants,
  type DatasetVariation,
  type EvaluationContext,
  type Evaluator,
  type MetricDescription,
  type TestSample,
  type TestSplit,
} from 'osc-trainer/sdk';
import { curvesOf, type MeasuredLevel } from './curves';
import { options, type RobustnessOptions } from './options';
import {
  ATTENTION,
  attentionMaps,
  firstSamples,
  mostObjects,
  SCORES,
  scoreSplit,
  type Score,
  type ScoresBySource,
} from './scores';

/** The data set as it is. */
const AS_IS = { name: 'as_is', label: 'the data set as it is', row: 'as it is' };

/** `robustness/light/0.5/ari`, of the masks of the loss KEY `robustness/light/0.5/KEY/ari`. */
function metricName(level: string, source: string, score: string): string {
  return ['robustness', level, ...(source === ATTENTION ? [] : [source]), score].join('/');
}

/**
 * Object segmentation on variations of the data set, one thing at a time: scenes unlike those that the model was trained on. What
 * can be varied the data set says. Formulas are those of the evaluator `segmentation`.
 */
@component({
  kind: 'evaluator',
  name: 'robustness',
  summary:
    'How well slots segment objects as the data set is varied: more objects, unseen pairs, occlusion, light, camera, textures',
  options,
  debug: { num_samples: 2 },
})
export class RobustnessEvaluator implements Evaluator {
  /** Known once the data set has said what can be varied. */
  metrics: Readonly<Record<string, MetricDescription>> = {};

  constructor(@inject(OPTIONS) private readonly options: RobustnessOptions) {}

  async check(context: EvaluationContext): Promise<void> {
    const { model, masks, samples } = context;
    if (!model.usesObjects) {
      throw new UsageError(
        'The evaluator robustness measures slots, and the model has none.',
        'Its architecture does not use objects.',
        ['data.test.evaluators=[]', 'model=vit_obj_global'],
      );
    }
    const { variations } = await this.#variations(context);
    this.metrics = describe(variations, [ATTENTION, ...masks.map(({ name }) => name)]);
    for await (const sample of samples()) {
      if (sample.masks === null) {
        throw new UsageError(
          'The evaluator robustness compares slots with masks, and the test split of the data set has none.',
          undefined,
          ['data.test.evaluators=[]', 'data=scenes'],
        );
      }
      const { attention, slots } = this.options;
      forwardSamples(model, [sample], { attention: true }, (outputs) => {
        const { numSlots } = attentionMaps(outputs, model.dimensions, attention);
        if (slots === 'objects') requireVaryingSlots(context, sample, numSlots + 1);
      });
      return;
    }
  }

  async evaluate(context: EvaluationContext): Promise<Record<string, number>> {
    const { variants, variations, numSamples } = await this.#variations(context);
    const metrics: Record<string, number> = {};
    const measure = async (split: TestSplit, level: string): Promise<ScoresBySource> => {
      const scores = await this.#score(context, split, level);
      for (const [source, ofSource] of scores) {
        for (const [score, value] of Object.entries(ofSource)) metrics[metricName(level, source, score)] = value;
      }
      return scores;
    };
    const asIs = await measure(firstSamples(context, numSamples), AS_IS.name);
    for (const variation of variations) {
      const measured: MeasuredLevel[] = [{ ...variation.current, scores: asIs }];
      for (const level of variation.levels) {
        const split = firstSamples(await variants.open(level.options, numSamples), numSamples);
        measured.push({ ...level, scores: await measure(split, `${variation.name}/${level.name}`) });
      }
      context.plot?.(curvesOf(variation, measured));
    }
    return metrics;
  }

  /** Where attention finds least of objects: ARI may rise with textures, since the background decides it. */
  conclude(metrics: Readonly<Record<string, number>>): string {
    const asIs = metrics[metricName(AS_IS.name, ATTENTION, 'mbo')];
    if (asIs === undefined) return 'There was nothing to compare.';
    const levels = Object.keys(this.metrics).flatMap((name) => {
      const [, variation, level, score] = name.split('/');
      return score === 'mbo' && metrics[name] !== undefined
        ? [{ level: `${variation} ${level}`, mbo: metrics[name] }]
        : [];
    });
    const [worst] = levels.sort((a, b) => a.mbo - b.mbo);
    if (worst === undefined || worst.mbo >= asIs)
      return 'At no level is mBO of attention lower than on the data set as it is.';
    return `mBO of attention is ${asIs.toFixed(2)} on the data set as it is, and lowest at ${worst.level}: ${worst.mbo.toFixed(2)}.`;
  }

  async #score(context: EvaluationContext, split: TestSplit, level: string): Promise<ScoresBySource> {
    const { attention, slots } = this.options;
    const numSlots = slots === 'model' ? undefined : 1 + (await mostObjects(split, context.model.dimensions));
    return scoreSplit(context, split, { label: `Robustness, ${level}`, iteration: attention, numSlots });
  }

  /** Those that are chosen. @throws UsageError where the data set has none, or none of a chosen name */
  async #variations({ variants, numSamples: available }: EvaluationContext): Promise<{
    readonly variants: DatasetVariants;
    readonly variations: readonly DatasetVariation[];
    readonly numSamples: number;
  }> {
    if (variants === undefined) {
      throw new UsageError('The evaluator robustness varies a data set, and these samples are of none.');
    }
    const numSamples = Math.min(this.options.num_samples, available);
    const offered = await variants.variations(numSamples);
    const { variations: chosen } = this.options;
    if (chosen === null) return { variants, variations: offered, numSamples };
    const names = offered.map(({ name }) => name);
    const unknown = chosen.find((name) => !names.includes(name));
    if (unknown !== undefined) {
      throw new UsageError(
        `The evaluator robustness cannot vary ${unknown}: the data set offers ${names.join(', ')}.`,
        undefined,
        [`data.test.robustness.variations=[${names.join(',')}]`],
      );
    }
    return { variants, variations: offered.filter(({ name }) => chosen.includes(name)), numSamples };
  }
}

/** @throws UsageError for queries that can only be as many as were trained */
function requireVaryingSlots({ model }: EvaluationContext, sample: TestSample, numSlots: number): void {
  const forward: typeof model.forward = (images, mode) => model.forward(images, mode, numSlots);
  try {
    forwardSamples({ dimensions: model.dimensions, forward }, [sample], {}, () => undefined);
  } catch (error) {
    if (!isReportedError(error)) throw error;
    throw new UsageError(error.what, error.why, ['data.test.robustness.slots=model'], { cause: error });
  }
}

function describe(
  variations: readonly DatasetVariation[],
  sources: readonly string[],
): Record<string, MetricDescription> {
  const levels = [
    AS_IS,
    ...variations.flatMap(({ name, label, levels: ofVariation }) =>
      ofVariation.map((level) => ({
        name: `${name}/${level.name}`,
        label: `${label} ${level.name}`,
        row: `${name} ${level.name}`,
      })),
    ),
  ];
  return Object.fromEntries(
    levels.flatMap(({ name, label, row }) =>
      sources.flatMap((source) =>
        (Object.keys(SCORES) as Score[]).map((score) => {
          const of = source === ATTENTION ? '' : ` of ${source}`;
          return [
            metricName(name, source, score),
            {
              label: `${SCORES[score].label}${of}, ${label}`,
              better: 'higher' as const,
              table: { row, column: `${SCORES[score].label}${of}` },
            },
          ];
        }),
      ),
    ),
  );
}
