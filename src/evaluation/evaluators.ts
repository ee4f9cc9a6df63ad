/** Runs the evaluators that `data.test.evaluators` names. */
import type { OscConfig } from '../config';
import { type DatasetNode, prepareDataset, testSamples } from '../data';
import type { Model } from '../model';
import type { Registry } from '../registry';
import {
  isReportedError,
  LOGGER,
  UsageError,
  type CurvePlot,
  type EvaluationContext,
  type Evaluator,
  type Logger,
  type MaskSource,
  type MetricDescription,
  type Progress,
  type TestSplit,
} from '../sdk';
import type { EvaluationRecord } from '../run';
import { awaitForeign } from '../util/foreign-code';
import { descriptionsOf } from './descriptions';
import { ResultCache } from './result-cache';
import { variantsOf } from './variants';

export interface EvaluationOptions {
  readonly config: OscConfig;
  readonly registry: Registry;
  readonly model: Model;
  /** Masks of slots that losses make. */
  readonly masks: readonly MaskSource[];
  /** Builds the model as it was before training. */
  readonly untrained?: () => Promise<UntrainedModel>;
  /** Another number of slots than the config's. */
  readonly numObjects?: number | undefined;
  readonly progress: Progress;
  readonly logger: Logger;
}

/** The model before training, and what its losses make of it. */
export interface UntrainedModel {
  readonly model: Model;
  readonly masks: readonly MaskSource[];
  dispose(): void;
}

interface ChosenEvaluator {
  readonly node: OscConfig['data']['test']['evaluators'][number];
  readonly evaluator: Evaluator;
}

interface FittingEvaluator extends ChosenEvaluator {
  readonly descriptions: Readonly<Record<string, MetricDescription>>;
}

/** All chosen evaluators, ready to be run again and again on a model that learns. */
export class Evaluation {
  private constructor(
    private readonly options: EvaluationOptions,
    private readonly chosen: readonly FittingEvaluator[],
    private readonly context: EvaluationContext,
  ) {}

  /**
   * Null where none is chosen, or those that are chosen are optional and do not fit.
   *
   * @throws UsageError for a data set that is not there, more test samples than there are, and a model or a data set that an
   *     evaluator cannot measure
   */
  static async open(options: EvaluationOptions): Promise<Evaluation | null> {
    const { config, registry, logger } = options;
    const nodes = config.data.test.evaluators;
    if (nodes.length === 0) return null;
    const chosen = await Promise.all(
      nodes.map(async (node): Promise<ChosenEvaluator> => {
        const evaluator = await registry.create<Evaluator>('evaluator', node.name, {
          options: node.options,
          provide: new Map([[LOGGER, logger]]),
        });
        return { node, evaluator };
      }),
    );
    const context = await contextOf(options);
    const fitting: FittingEvaluator[] = [];
    for (const one of chosen) {
      if (!(await fits(one, context))) continue;
      // after its check: what is measured may depend on the model
      fitting.push({ ...one, descriptions: descriptionsOf(one.evaluator, one.node.name, registry) });
    }
    return fitting.length === 0 ? null : new Evaluation(options, fitting, context);
  }

  /** What the evaluators say of the metrics that they may give, by name. */
  get metrics(): Readonly<Record<string, MetricDescription>> {
    return Object.fromEntries(this.chosen.flatMap(({ descriptions }) => Object.entries(descriptions)));
  }

  /**
   * What each evaluator measured, and with which settings.
   *
   * @param lastEpoch false leaves out those that are due after the last epoch only
   * @param except names of evaluators that are left out
   * @param onPlot is given every plot that evaluators want drawn
   * @throws Error where two give one metric, or plots of one name
   */
  async run({
    lastEpoch = true,
    except = new Set(),
    onPlot,
  }: {
    readonly lastEpoch?: boolean;
    readonly except?: ReadonlySet<string>;
    readonly onPlot?: (plot: CurvePlot) => void;
  } = {}): Promise<EvaluationRecord[]> {
    const context = onPlot === undefined ? this.context : { ...this.context, plot: checkingNames(onPlot) };
    const { config, progress, numObjects } = this.options;
    const data = {
      name: config.data.name,
      ...config.data.options,
      split: 'test',
      samples: this.context.numSamples,
      crop_size: config.data.crop_size,
    };
    const records: EvaluationRecord[] = [];
    const names = new Set<string>();
    for (const { node, evaluator, descriptions } of this.chosen) {
      if (except.has(node.name) || (!lastEpoch && node.last_epoch_only === true)) continue;
      const metrics = await awaitForeign(`the evaluator ${node.name}`, () => evaluator.evaluate(context));
      progress.stop();
      for (const metric of Object.keys(metrics)) {
        if (names.has(metric)) throw new Error(`Two evaluators give the metric ${metric}.`);
        names.add(metric);
      }
      const slots = numObjects === undefined ? {} : { num_objects: numObjects };
      const described = Object.entries(descriptions).filter(([metric]) => metric in metrics);
      records.push({
        ...{ evaluator: node.name, options: node.options, data, ...slots, metrics },
        ...(described.length > 0 && { descriptions: Object.fromEntries(described) }),
        ...(evaluator.conclude !== undefined && { conclusion: evaluator.conclude(metrics) }),
      });
    }
    return records;
  }
}

/** Names of plots become names of files. */
function checkingNames(onPlot: (plot: CurvePlot) => void): (plot: CurvePlot) => void {
  const names = new Set<string>();
  return (plot) => {
    if (!/^[a-z0-9]+(-[a-z0-9]+)*$/.test(plot.name)) throw new Error(`"${plot.name}" is no name for a plot.`);
    if (names.has(plot.name)) throw new Error(`There are two plots ${plot.name}.`);
    names.add(plot.name);
    onPlot(plot);
  };
}

async function contextOf(options: EvaluationOptions): Promise<EvaluationContext> {
  const { config, registry, model, progress, logger } = options;
  const { name, options: dataOptions, crop_size: cropSize, normalize, on_bad_record: onBadRecord } = config.data;
  const node = { name, options: dataOptions };
  const { size, dataset } = await prepareDataset(registry, node, 'test', logger, progress);
  const wanted = config.data.test.max_samples ?? size;
  // other.debug asks for so many batches, whatever there is
  const numSamples = config.other.debug ? Math.min(wanted, size) : wanted;
  if (numSamples > size) {
    throw new UsageError(`${numSamples} test samples are asked for, but there are ${size}.`, undefined, [
      `data.test.max_samples=${size}`,
    ]);
  }
  const splitOf = (dataset: DatasetNode, count: number): TestSplit => ({
    samples: () => testSamples({ dataset, registry, count, cropSize, normalize, onBadRecord, logger }),
    numSamples: count,
  });
  const results = new ResultCache(logger);
  return {
    ...splitOf(node, numSamples),
    variants: variantsOf({ dataset, node, registry, progress, logger }, splitOf),
    model: viewOf(model, options.numObjects),
    ...(options.untrained !== undefined && { untrained: builderOf(options.untrained, options.numObjects) }),
    remember: (key, schema, compute) => results.remember(key, schema, compute),
    masks: options.masks,
    categories: dataset.categories ?? [],
    batchSize: config.training.batch_size,
    progress,
    logger,
  };
}

function viewOf(model: Model, slots: number | undefined): EvaluationContext['model'] {
  return {
    dimensions: model.dimensions,
    usesObjects: model.usesObjects,
    forward: (images, mode, numObjects = slots) => model.forward(images, mode, numObjects),
  };
}

/** Builds the untrained model for a call, and frees it. */
function builderOf(
  build: () => Promise<UntrainedModel>,
  slots: number | undefined,
): NonNullable<EvaluationContext['untrained']> {
  return async (use) => {
    const untrained = await build();
    try {
      return await use({ model: viewOf(untrained.model, slots), masks: untrained.masks });
    } finally {
      untrained.dispose();
    }
  };
}

/** False for an optional evaluator that cannot measure this model or data set. @throws UsageError for another one */
async function fits({ node, evaluator }: ChosenEvaluator, context: EvaluationContext): Promise<boolean> {
  try {
    await evaluator.check?.(context);
    return true;
  } catch (error) {
    if (node.optional !== true || !isReportedError(error) || error.name !== 'UsageError') throw error;
    context.logger.info(`The evaluator ${node.name} is left out: ${error.message}`);
    return false;
  }
}
