/** Testing a trained model with the evaluators of its config. */
import { accessSync, constants } from 'node:fs';
import type { OscConfig } from '../config';
import { chooseEngine, type EngineInfo } from '../engine';
import { Evaluation } from '../evaluation';
import { assignWeights, buildSeededModel, type Model } from '../model';
import { createRunLog, metricsOf, writeEvaluationReport, type EvaluationReport } from '../run';
import { silentProgress, UsageError, type CurvePlot, type Logger, type MaskSource } from '../sdk';
import type { Reporting, TrainedInput } from './input';
import { openTrained, type OpenedTrained } from './open-trained';
import { writeCurvePlot } from '../visualization';
import { buildObjective } from './train/build-losses';
import { tryNumObjects } from './try-num-objects';
import { versions } from './versions';

export interface EvaluateInput extends TrainedInput, Reporting {
  /** Another number of slots than the config's. */
  readonly numObjects?: number | undefined;
  /** Whose attention is measured, by evaluators that have the choice. */
  readonly attention?: 'first' | 'last' | undefined;
}

export interface EvaluatedModel extends EvaluationReport {
  readonly metrics: Readonly<Record<string, number>>;
  /** Where it was written. */
  readonly file: string;
  /** Plots beside it. */
  readonly figures: readonly string[];
}

/** @throws UsageError before work starts */
export async function evaluate(input: EvaluateInput): Promise<EvaluatedModel> {
  const { numObjects, attention, progress = silentProgress, onLog } = input;
  const opened = await openTrained(input, 'osc evaluate');
  const { trained, registry } = opened;
  const config = attention === undefined ? opened.config : withAttention(opened.config, attention);
  requireWritable(trained.home);
  const { logger } = createRunLog(onLog ?? null);
  const engine = await chooseEngine(config.engine.name).prepare({ threads: config.engine.threads });
  const seed = config.other.seed!; // saved configs have it
  const model = await buildSeededModel(config, seed, registry, logger);
  try {
    model.loadWeights(trained.model, trained.checkpoint);
    if (numObjects !== undefined) tryNumObjects(model, numObjects, 'osc evaluate');
    const masks = await masksOf(opened, config, model, logger);
    const evaluation = await Evaluation.open({ config, registry, model, masks, numObjects, progress, logger });
    if (evaluation === null) throw nothingToMeasure(config);
    const plots: CurvePlot[] = [];
    const evaluations = await evaluation.run({ onPlot: (plot) => plots.push(plot) });
    const report = reportOf(opened, seed, engine, evaluations);
    const file = await writeEvaluationReport(trained.home, report);
    const figures = plots.map(({ name }) => file.replace(/\.json$/, `_${name}.png`));
    for (const [i, plot] of plots.entries()) await writeCurvePlot(plot, figures[i]!);
    return { ...report, metrics: metricsOf(evaluations), file, figures };
  } finally {
    progress.stop();
    model.dispose();
  }
}

/** Masks that the losses make with what they have learned; none where their parameters did not come with the weights. */
async function masksOf(
  { trained, registry }: OpenedTrained,
  config: OscConfig,
  model: Model,
  logger: Logger,
): Promise<readonly MaskSource[]> {
  const objective = await buildObjective(config, registry, model, config.other.seed ?? 0, logger);
  const parameters = objective.namedParameters();
  if (parameters.size > 0 && trained.losses.size === 0) return [];
  assignWeights(parameters, trained.losses, trained.checkpoint);
  return objective.maskSources;
}

function reportOf(
  { trained, overrides }: OpenedTrained,
  seed: number,
  engine: EngineInfo,
  evaluations: EvaluationReport['evaluations'],
): EvaluationReport {
  const { checkpoint, sha256, position } = trained;
  const { step, epoch } = position;
  const info = { ...engine };
  return { checkpoint, sha256, step, epoch, overrides, seed, engine: info, versions: versions(), evaluations };
}

/** Options have their defaults filled in, so an evaluator that has the choice shows it. */
function withAttention(config: OscConfig, attention: string): OscConfig {
  const { test } = config.data;
  if (!test.evaluators.some(({ options }) => 'attention' in options)) {
    throw new UsageError(
      `--attention ${attention} is for evaluators with an option "attention", and none of the chosen has one.`,
      undefined,
      ['data.test.evaluators=[segmentation]'],
    );
  }
  const evaluators = test.evaluators.map((node) =>
    'attention' in node.options ? { ...node, options: { ...node.options, attention } } : node,
  );
  return { ...config, data: { ...config.data, test: { ...test, evaluators } } };
}

function nothingToMeasure(config: OscConfig): UsageError {
  const { evaluators } = config.data.test;
  return new UsageError(
    'There is nothing to measure.',
    evaluators.length === 0
      ? 'data.test.evaluators is empty.'
      : 'All of data.test.evaluators are optional, and none fits the model and the data set.',
    ['data.test.evaluators=[segmentation]', 'osc plugins list --kind evaluator'],
  );
}

/** Told before hours of work, not after. */
function requireWritable(folder: string): void {
  try {
    accessSync(folder, constants.W_OK);
  } catch (error) {
    throw new UsageError(
      `What is measured is kept in ${folder}, which cannot be written.`,
      (error as Error).message,
      [`cp -r ${folder} ELSEWHERE`],
      { cause: error },
    );
  }
}
