import {
  component,
  forwardSamples,
  inject,
  isReportedError,
  measureBaselines,
  OPTIONS,
  UntrainedResults,
  UsageError,
  type DatasetVariants,
  type DatasetVariation,
  type EvaluationContext,
  type Evaluator,
  type MetricDescription,
  type TestSample,
  type TestSplit,
} from 'osc-trainer/sdk';
import { curvesOf } from './curves';
import { AS_IS, concludeFrom, describe, levelName, levelsOf, metricName, type Level } from './describe';
import { options, type RobustnessOptions } from './options';
import {
  attentionMaps,
  firstSamples,
  mostObjects,
  scoreSplit,
  summarise,
  type ScoresBySource,
  type SplitScores,
} from './scores';
import { comparedMasks, sourcesOf, untrainedKey, type Source } from './sources';

/** The images of a level. */
interface OpenLevel {
  /** Of the level. */
  readonly name: string;
  readonly split: TestSplit;
  /** Absent: as many as the model is configured with. */
  readonly numSlots: number | undefined;
}

/** By name of the level. */
type ScoresByLevel = ReadonlyMap<string, SplitScores>;

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
  #levels: readonly Level[] = [];
  #sources: readonly Source[] = [];
  readonly #untrained = new UntrainedResults<ScoresByLevel>();

  constructor(@inject(OPTIONS) private readonly options: RobustnessOptions) {}

  async check(context: EvaluationContext): Promise<void> {
    const { model, samples } = context;
    if (!model.usesObjects) {
      throw new UsageError(
        'The evaluator robustness measures slots, and the model has none.',
        'Its architecture does not use objects.',
        ['data.test.evaluators=[]', 'model=vit_obj_global'],
      );
    }
    const { variations } = await this.#variations(context);
    this.#levels = levelsOf(variations);
    this.#sources = sourcesOf(context, this.options.baselines);
    this.metrics = describe(this.#levels, this.#sources);
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
    const { variations } = await this.#variations(context);
    const levels = await this.#open(context);
    const scores = await this.#score(context, levels);
    const compared = this.options.baselines ? await this.#compare(context, levels, scores) : null;
    const all = new Map(
      Array.from(scores, ([level, ofModel]): [string, ScoresBySource] => [
        level,
        new Map([...ofModel.scores, ...(compared?.get(level) ?? [])]),
      ]),
    );
    const sources = sourcesOf(context, this.options.baselines);
    for (const variation of variations) {
      const measured = [
        { ...variation.current, scores: all.get(AS_IS.name)! },
        ...variation.levels.map((level) => ({ ...level, scores: all.get(levelName(variation, level))! })),
      ];
      for (const plot of curvesOf(variation, measured, sources)) context.plot?.(plot);
    }
    return Object.fromEntries(
      Array.from(all).flatMap(([level, bySource]) =>
        Array.from(bySource).flatMap(([source, ofSource]) =>
          Object.entries(ofSource).map(([score, value]) => [metricName(level, source, score), value] as const),
        ),
      ),
    );
  }

  conclude(metrics: Readonly<Record<string, number>>): string {
    return concludeFrom(metrics, this.#levels, this.#sources);
  }

  /** The data set as it is, and every level. */
  async #open(context: EvaluationContext): Promise<OpenLevel[]> {
    const { variants, variations, numSamples } = await this.#variations(context);
    const { dimensions } = context.model;
    const open = async (name: string, whole: TestSplit): Promise<OpenLevel> => {
      const split = firstSamples(whole, numSamples);
      const numSlots = this.options.slots === 'model' ? undefined : 1 + (await mostObjects(split, dimensions));
      return { name, split, numSlots };
    };
    const levels = [await open(AS_IS.name, context)];
    for (const variation of variations) {
      for (const level of variation.levels) {
        const whole = await variants.open(level.options, numSamples);
        levels.push(await open(levelName(variation, level), whole));
      }
    }
    return levels;
  }

  async #score(context: EvaluationContext, levels: readonly OpenLevel[], of = ''): Promise<ScoresByLevel> {
    const scores = new Map<string, SplitScores>();
    for (const { name, split, numSlots } of levels) {
      const label = `Robustness${of}, ${name}`;
      scores.set(name, await scoreSplit(context, split, { label, iteration: this.options.attention, numSlots }));
    }
    return scores;
  }

  /** What blind masks and the untrained model score at every level. */
  async #compare(
    context: EvaluationContext,
    levels: readonly OpenLevel[],
    scores: ScoresByLevel,
  ): Promise<ReadonlyMap<string, ScoresBySource>> {
    const untrained = await this.#untrained.measure(context, (before) => this.#score(before, levels, ', untrained'));
    const compared = new Map<string, ScoresBySource>();
    for (const { name, split } of levels) {
      const { numSlots, digest } = scores.get(name)!;
      const blind = await measureBaselines(
        { ...context, ...split },
        {
          name: 'robustness',
          label: `Robustness, baselines, ${name}`,
          baselines: comparedMasks(numSlots, context.model),
          digest,
          summarise,
        },
      );
      const before = Array.from(untrained?.get(name)?.scores ?? [], ([key, of]) => [untrainedKey(key), of] as const);
      compared.set(name, new Map([...before, ...Object.entries(blind)]));
    }
    return compared;
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
