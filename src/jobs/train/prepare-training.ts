/** What `osc train` puts together from the floors below: project, config or saved run, figures. */
import { join } from 'node:path';
import { stringify } from 'yaml';
import { componentNode, readSavedConfig, type OscConfig } from '../../config';
import { Registry } from '../../registry';
import { silentProgress, UsageError, type CurvePlot, type Progress } from '../../sdk';
import { Evaluation } from '../../evaluation';
import {
  CONFIG_FILE,
  figurePath,
  findRunToResume,
  metricsOf,
  openTrainedModel,
  readOverrides,
  summariseEvaluations,
  writeEvaluations,
  type FirstLastMetric,
} from '../../run';
import type { EpochHook } from '../../training';
import type { TrainSummary } from './summary';
import { train, type HookContext } from './train';
import { RolloutFigure, SegmentationFigure, writeCurvePlot } from '../../visualization';
import { ENGINE_COMPONENTS } from '../open-registry';
import type { ProjectInput, Reporting } from '../input';
import { openProject } from '../project';
import { versions } from '../versions';

export interface TrainingInput extends ProjectInput {
  /** Go on with this run: a run directory, its name, or `latest`. Without `plugins`, which the run has. */
  readonly resume?: string | undefined;
  /** A run or a checkpoint whose weights a new run starts from. */
  readonly initFrom?: string | undefined;
}

export interface StartOptions extends Reporting {
  /** Folder for a new run, empty or not there; default `outputs/DATE/TIME_NAME` in the working directory. */
  readonly runDir?: string | undefined;
  /** Aborted: training stops after the current step, with a checkpoint, and can be resumed. */
  readonly signal?: AbortSignal | undefined;
  /** Called with the run directory when all is prepared and the first step is next. */
  readonly onStart?: ((runDir: string) => void) | undefined;
  /** The arguments of the command, for `environment.json`; none where a script calls. */
  readonly command?: readonly string[] | undefined;
}

export interface FinishedTraining extends TrainSummary {
  /** First and last value of every metric of the test split, by name. */
  readonly evaluations: Readonly<Record<string, FirstLastMetric>>;
  readonly figures: readonly string[];
}

export interface PreparedTraining {
  readonly config: OscConfig;
  readonly yaml: string;
  train(options?: StartOptions): Promise<FinishedTraining>;
}

/** @throws UsageError for all that is wrong in files, flags and overrides; makes no folder */
export async function prepareTraining(input: TrainingInput): Promise<PreparedTraining> {
  const { cwd = process.cwd() } = input;
  const { config, registry, overrides, resume, yaml } =
    input.resume === undefined ? await newRun(input, cwd) : await savedRun(input, cwd, input.resume);
  const initFrom =
    input.initFrom === undefined ? undefined : await openTrainedModel(cwd, input.initFrom, 'osc train --init-from');
  return {
    config,
    yaml,
    async train({ runDir, progress = silentProgress, onLog, signal, onStart, command = [] } = {}) {
      const figures: string[] = [];
      const summary = await train({
        config,
        registry,
        overrides,
        cwd,
        runDir,
        resume,
        initFrom,
        progress,
        write: onLog ?? null,
        makeHooks: async (context) => [
          ...(await evaluationHooks(context, progress, figures)),
          ...(await figureHooks(context, figures)),
        ],
        versions: versions(),
        command,
        signal: signal ?? new AbortController().signal,
        onStart,
      });
      return { ...summary, evaluations: await summariseEvaluations(summary.runDir, summary.steps), figures };
    },
  };
}

interface Source {
  readonly config: OscConfig;
  readonly registry: Registry;
  readonly overrides: readonly string[];
  readonly resume?: string;
  readonly yaml: string;
}

async function newRun({ plugins = [], overrides }: TrainingInput, cwd: string): Promise<Source> {
  const { config, registry } = await openProject({ cwd, plugins, overrides });
  const flags = plugins.map((plugin) => `--plugin ${plugin}`);
  return { config: config.values, registry, overrides: [...flags, ...config.overrides], yaml: config.toYaml() };
}

/** The plugins and the config of the run as they were; the project's config file has no say. */
async function savedRun({ plugins = [], overrides = [] }: TrainingInput, cwd: string, given: string): Promise<Source> {
  if (plugins.length > 0) {
    throw new UsageError('--plugin cannot be used with --resume.', 'A run goes on with the components it has.');
  }
  const resume = findRunToResume(cwd, given);
  const saved = readOverrides(resume);
  const registry = await Registry.open({ plugins: saved.plugins, from: cwd, own: ENGINE_COMPONENTS, cwd });
  const { values, overrides: changed } = await readSavedConfig(join(resume, CONFIG_FILE), registry, overrides);
  return { config: values, registry, overrides: changed, resume, yaml: stringify(values) };
}

/** The paths of plots that evaluators ask for are appended to `drawn`. */
async function evaluationHooks(context: HookContext, progress: Progress, drawn: string[]): Promise<EpochHook[]> {
  const evaluation = await Evaluation.open({ ...context, progress });
  if (evaluation === null) return [];
  return [
    {
      name: 'evaluation',
      interval: context.config.data.test.epoch_interval,
      async run({ runDir, lastEpoch, ...point }) {
        const plots: CurvePlot[] = [];
        const records = await evaluation.run({ lastEpoch, onPlot: (plot) => plots.push(plot) });
        if (records.length === 0) return {};
        await writeEvaluations(runDir, point, records);
        for (const plot of plots) {
          const path = figurePath(runDir, plot.name, point.epoch + 1);
          await writeCurvePlot(plot, path);
          if (!drawn.includes(path)) drawn.push(path);
        }
        return metricsOf(records);
      },
    },
  ];
}

/** What draws a picture of the model as it is. */
interface Figure {
  draw(epochs: number, runDir: string): Promise<string>;
}

/** Figures that can be drawn of this model and data set; the paths of their files are appended to `drawn`. */
async function figureHooks({ config, registry, model, logger }: HookContext, drawn: string[]): Promise<EpochHook[]> {
  const { name, options } = componentNode(config, 'data')!;
  const { viz, crop_size: cropSize, crop_scale: cropScale, normalize, on_bad_record: onBadRecord } = config.data;
  const count = viz.max_samples;
  const shared = { model, dataset: { name, options }, registry, cropSize, normalize, count, logger };
  const figures: Readonly<Record<string, Figure | null>> = {
    segmentation: await SegmentationFigure.open(shared),
    rollouts: await RolloutFigure.open({ ...shared, cropScale, seed: viz.seed, onBadRecord }),
  };
  return Object.entries(figures).flatMap(([figureName, figure]) => {
    if (figure === null) return [];
    return {
      name: `${figureName} figure`,
      interval: viz.epoch_interval,
      async run({ epoch, runDir }) {
        const path = await figure.draw(epoch + 1, runDir);
        if (!drawn.includes(path)) drawn.push(path);
        return {};
      },
    };
  });
}
