import {
  checkProbeSplit,
  component,
  forwardSamples,
  forwardTestSplit,
  inject,
  OPTIONS,
  RandomSource,
  splitForProbe,
  trueMasks,
  UntrainedResults,
  UsageError,
  type CategoricalAttribute,
  type EvaluationContext,
  type Evaluator,
  type MetricDescription,
  type TestSample,
} from 'osc-trainer/sdk';
import { ObjectQuestions } from 'osc-trainer/sdk/data';
import { ALL_ANSWERS, describeMetrics, metricName, POSITION, type Answer } from './describe';
import { options, type PropertiesOptions } from './options';
import type { OutputLayout } from './outputs';
import { readScene, type SceneSlots } from './scene-slots';
import { accuracy, majorityAccuracy, positionR2 } from './scores';
import { mapsOf, readMaps } from './slot-maps';
import { positionScale, slotScale } from './standardize';
import { predictObjects, trainProbe, type ObjectPrediction, type ProbeKind } from './train-probe';

/** Images, their slots standardised, and what the probes are asked about them. */
interface Task {
  readonly trained: readonly SceneSlots[];
  readonly measured: readonly SceneSlots[];
  readonly categories: readonly CategoricalAttribute[];
  readonly layout: OutputLayout;
  /** C */
  readonly width: number;
}

/** By name of the property. */
type Scores = Readonly<Record<string, number>>;

type Answers = Readonly<Partial<Record<Answer, Scores>>>;

/**
 * What a slot knows of the object it belongs to: its categories (colour, shape, …) and its position, told by a linear probe and by
 * an MLP. Formulas are in the README.
 */
@component({
  kind: 'evaluator',
  name: 'properties',
  summary: 'What a slot knows of its object: colour, shape, … and position, by a linear and an MLP probe',
  options,
  debug: { num_epochs: 50 },
})
export class PropertiesEvaluator implements Evaluator {
  /** Those of categories are known once the data set is. */
  metrics: Readonly<Record<string, MetricDescription>> = {};
  readonly #untrained = new UntrainedResults<Answers>();

  constructor(@inject(OPTIONS) private readonly options: PropertiesOptions) {}

  async check(context: EvaluationContext): Promise<void> {
    const { model, samples, numSamples, logger } = context;
    if (!model.usesObjects) {
      throw new UsageError(
        'The evaluator properties asks slots about their objects, and the model has none.',
        'Its architecture does not use objects.',
        ['data.test.evaluators=[]', 'model=vit_obj_global'],
      );
    }
    checkProbeSplit('properties', this.options.split, numSamples);
    const categories = toldApart(context);
    this.metrics = describeMetrics(categories, {
      byMasks: this.#byMasks,
      untrained: this.options.baselines && context.untrained !== undefined,
    });
    if (categories.length === 0) {
      logger.info('properties measures positions alone: the data set does not say what objects can be told apart by.');
    }
    for await (const sample of samples()) {
      checkSample(sample, categories);
      forwardSamples(model, [sample], { attention: this.#byMasks }, (_, batch) => {
        if (this.#byMasks) readMaps(batch, context, this.options);
      });
      return;
    }
  }

  async evaluate(context: EvaluationContext): Promise<Record<string, number>> {
    const { logger } = context;
    const task = await this.#collect(context, 'Properties, images');
    const objects = task.trained.flatMap((scene) => scene.objects);
    if (objects.length === 0 || task.measured.every((scene) => scene.objects.length === 0)) {
      logger.warn('properties is not given: the images to train on, or those to measure, have no visible object.');
      return {};
    }
    const answers: Answers = {
      linear: await this.#probe('linear', 'Properties, linear probe', task, context),
      mlp: await this.#probe('mlp', 'Properties, MLP probe', task, context),
      ...(this.options.baselines && (await this.#askUntrained(context))),
      // slots of another image, matched in the same way, tell what matching by prediction alone gives away
      chance: this.#byMasks
        ? majorityScores(task)
        : await this.#probe('linear', 'Properties, chance', ofOtherImages(task), context),
    };
    const metrics: Record<string, number> = {};
    for (const answer of ALL_ANSWERS) {
      for (const [property, score] of Object.entries(answers[answer] ?? {})) {
        const name = metricName(answer, property);
        if (!Number.isNaN(score)) metrics[name] = score;
        else logger.warn(`${name} is not given: all objects that are measured have one x or one y.`);
      }
    }
    return metrics;
  }

  /** The same probes of the slots that the model has before training. */
  async #askUntrained(context: EvaluationContext): Promise<Answers | undefined> {
    return this.#untrained.measure(context, async (before) => {
      const task = await this.#collect(before, 'Properties, images, untrained');
      return {
        'untrained/linear': await this.#probe('linear', 'Properties, untrained, linear probe', task, before),
        'untrained/mlp': await this.#probe('mlp', 'Properties, untrained, MLP probe', task, before),
      };
    });
  }

  get #byMasks(): boolean {
    return this.options.match === 'masks';
  }

  async #collect(context: EvaluationContext, label: string): Promise<Task> {
    const { imageSize } = context.model.dimensions;
    const categories = toldApart(context);
    const forward = { attention: this.#byMasks };
    let width = 0;
    const batches = await forwardTestSplit(context, label, forward, ({ fSlots }, samples, batch) => {
      const maps = this.#byMasks ? readMaps(batch, context, this.options) : null;
      const values = fSlots!.dataSync();
      const each = values.length / samples.length;
      width = fSlots!.shape[2];
      return samples.map((sample, i) => {
        const slots = Float32Array.from(values.subarray(i * each, (i + 1) * each));
        const ofImage = maps === null ? null : mapsOf(maps, i, sample, imageSize);
        return readScene(sample, { slots, maps: ofImage }, trueMasks(sample, imageSize), categories, imageSize);
      });
    });
    const [toTrain, toMeasure] = splitForProbe('properties', this.options.split, batches.flat());
    const scale = slotScale(toTrain, width);
    return {
      trained: toTrain.map(scale),
      measured: toMeasure.map(scale),
      categories,
      layout: {
        sizes: categories.map(({ values }) => values.length),
        standardize: positionScale(toTrain.flatMap(({ objects }) => objects)),
      },
      width,
    };
  }

  /** Trains a probe and measures it. */
  async #probe(kind: ProbeKind, label: string, task: Task, { progress }: EvaluationContext): Promise<Scores> {
    const { seed, num_epochs: numSteps, hidden } = this.options;
    const { trained, measured, layout, width } = task;
    const random = new RandomSource(seed).scope('properties');
    const probe = await trainProbe(trained, { kind, width, hidden, numSteps, layout, random, label, progress });
    return scoresOf(predictObjects(probe, measured, layout), task);
  }
}

/** Categories with a choice. */
function toldApart({ categories }: EvaluationContext): CategoricalAttribute[] {
  return categories.filter(({ values }) => values.length > 1);
}

/** @throws UsageError for a data set that does not have what is asked about */
function checkSample({ masks, original }: TestSample, categories: readonly CategoricalAttribute[]): void {
  const hints = ['data.test.evaluators=[]', 'data=scenes'];
  if (masks === null) {
    throw new UsageError(
      'The evaluator properties finds objects by their masks, and the test split of the data set has none.',
      undefined,
      hints,
    );
  }
  const missing = categories.length === 0 ? [] : new ObjectQuestions(categories).missing(original);
  if (missing.length === 0) return;
  throw new UsageError(
    'The evaluator properties asks what objects are, and the test split of the data set does not say it all: ' +
      `${missing.join(', ')} ${missing.length === 1 ? 'is' : 'are'} missing.`,
    undefined,
    hints,
  );
}

function scoresOf(predictions: readonly ObjectPrediction[], { categories, layout }: Task): Scores {
  return {
    ...Object.fromEntries(categories.map(({ name }, a) => [name, accuracy(predictions, a, layout)])),
    [POSITION]: positionR2(predictions, layout),
  };
}

/** Of the position there are none: to know nothing of it is R² 0. */
function majorityScores({ trained, measured, categories, layout }: Task): Scores {
  const objectsOf = (scenes: readonly SceneSlots[]) => scenes.flatMap(({ objects }) => objects);
  return Object.fromEntries(
    categories.map(({ name }, a) => [name, majorityAccuracy(objectsOf(trained), objectsOf(measured), a, layout)]),
  );
}

/** The objects of each image with the slots of the one after it. */
function ofOtherImages(task: Task): Task {
  const shifted = (scenes: readonly SceneSlots[]): SceneSlots[] =>
    scenes.map((scene, i) => ({ ...scene, slots: scenes[(i + 1) % scenes.length]!.slots }));
  return { ...task, trained: shifted(task.trained), measured: shifted(task.measured) };
}
