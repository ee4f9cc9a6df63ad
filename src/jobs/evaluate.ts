/** Testing a trained model with the evaluators of its config. */
import { accessSync, constants } from 'node:fs';
import type { OscConfig } from '../config';
import { chooseEngine, type EngineInfo } from '../engine';
import { Evaluation } from '../evaluation';
import { assignWeights } from '../model';
import { createRunLog, metricsOf, writeEvaluationReport, type EvaluationReport, type TrainedModel } from '../run';
import { silentProgress, UsageError, type CurvePlot, type MaskSource } from '../sdk';
import type { Reporting, TrainedInput } from './input';
import { loadTrained, openTrained, type OpenedTrained } from './open-trained';
import type { Objective } from '../training';
import { writeCurvePlot } from '../visualization';
import { buildObjective } from './train/build-losses';
import { buildUntrained } from './train/build-untrained';
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
  const opened = withAttention(await openTrained(input, 'osc evaluate'), attention);
  const { trained, config, registry } = opened;
  requireWritable(trained.home);
  const { logger } = createRunLog(onLog ?? null);
  const engine = await chooseEngine(config.engine.name).prepare({ threads: config.engine.threads });
  const model = await loadTrained(opened, logger);
  let objective: Objective | undefined;
  try {
    if (numObjects !== undefined) tryNumObjects(model, numObjects, 'osc evaluate');
    objective = await buildObjective(config, registry, model, opened.seed, logger);
    const masks = masksOf(objective, trained);
    const evaluation = await Evaluation.open({
      ...{ config, registry, model, masks, numObjects, progress, logger },
      untrained: () => buildUntrained(config, registry, opened.seed),
    });
    if (evaluation === null) throw nothingToMeasure(config);
    const plots: CurvePlot[] = [];
    const evaluations = await evaluation.run({ onPlot: (plot) => plots.push(plot) });
    const report = reportOf(opened, engine, evaluations);
    const file = await writeEvaluationReport(trained.home, report);
    const figures = await writePlots(plots, file);
    return { ...report, metrics: metricsOf(evaluations), file, figures };
  } finally {
    progress.stop();
    objective?.dispose();
    model.dispose();
  }
}

/** Masks that the losses make with what they have learned; none where their parameters did not come with the weights. */
function masksOf(objective: Objective, { losses, checkpoint }: TrainedModel): readonly MaskSource[] {
  const parameters = objective.namedParameters();
  if (parameters.size > 0 && losses.size === 0) return [];
  assignWeights(parameters, losses, checkpoint);
  return objective.maskSources;
}

/** Beside the report, under its name. */
async function writePlots(plots: readonly CurvePlot[], report: string): Promise<string[]> {
  const files: string[] = [];
  for (const plot of plots) {
    const file = report.replace(/\.json$/, `_${plot.name}.png`);
    await writeCurvePlot(plot, file);
    files.push(file);
  }
  return files;
}

function reportOf(
  { trained, overrides, seed }: OpenedTrained,
  engine: EngineInfo,
  evaluations: EvaluationReport['evaluations'],
): EvaluationReport {
  const { checkpoint, weights, sha256, position } = trained;
  const { step, epoch } = position;
  const info = { ...engine };
  return { checkpoint, weights, sha256, step, epoch, overrides, seed, engine: info, versions: versions(), evaluations };
}

/** Options have their defaults filled in, so an evaluator that has the choice shows it. */
function withAttention(opened: OpenedTrained, attention: EvaluateInput['attention']): OpenedTrained {
  if (attention === undefined) return opened;
  const { config } = opened;
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
  return { ...opened, config: { ...config, data: { ...config.data, test: { ...test, evaluators } } } };
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
