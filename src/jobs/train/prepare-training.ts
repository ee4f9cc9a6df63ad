/** What `osc train` starts from: a project's config, or that of a run to go on with. */
import { join } from 'node:path';
import { printConfig, readSavedConfig, type OscConfig } from '../../config';
import { silentProgress, UsageError } from '../../sdk';
import {
  CONFIG_FILE,
  findRunToResume,
  openTrainedModel,
  readOverrides,
  newestEvaluations,
  summariseEvaluations,
  type EvaluationRecord,
  type FirstLastMetric,
} from '../../run';
import { train, type TrainRequest, type TrainResult } from './train';
import type { ProjectInput, Reporting } from '../input';
import { openProject } from '../project';
import { openRunRegistry } from '../run-registry';
import { versions } from '../versions';

export interface TrainingInput extends ProjectInput {
  /** Go on with this run: a run directory, its name, or `latest`. Without `plugins`, which the run has. */
  readonly resume?: string | undefined;
  /** A run or a checkpoint whose weights a new run starts from. */
  readonly initFrom?: string | undefined;
  /** With `resume`: plugins that only the run names may be loaded. */
  readonly trustPlugins?: boolean | undefined;
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

export interface FinishedTraining extends TrainResult {
  /** First and last value of every metric of the test split, by name. */
  readonly evaluations: Readonly<Record<string, FirstLastMetric>>;
  /** What each evaluator measured last, with its settings, and what it concludes. */
  readonly tests: readonly EvaluationRecord[];
}

export interface PreparedTraining {
  readonly config: OscConfig;
  readonly yaml: string;
  /** A new run whose config names a launcher other than that of this machine: it is a sweep of one job. */
  readonly isForLauncher: boolean;
  train(options?: StartOptions): Promise<FinishedTraining>;
}

/** The launcher of the schema's defaults: a run alone is trained by the process that was asked. */
const HERE = 'local';

/** @throws UsageError for all that is wrong in files, flags and overrides; makes no folder */
export async function prepareTraining(input: TrainingInput): Promise<PreparedTraining> {
  const { cwd = process.cwd() } = input;
  const source = input.resume === undefined ? await newRun(input, cwd) : await savedRun(input, cwd, input.resume);
  const initFrom =
    input.initFrom === undefined ? undefined : await openTrainedModel(cwd, input.initFrom, 'osc train --init-from');
  const prepared = preparedFrom({ ...source, initFrom }, cwd);
  return { ...prepared, isForLauncher: input.resume === undefined && source.config.launcher.name !== HERE };
}

/** All is read and checked; what is left is to train. */
export function preparedFrom({ yaml, ...source }: TrainingSource, cwd: string): PreparedTraining {
  return {
    config: source.config,
    yaml,
    isForLauncher: false,
    async train({ runDir, progress = silentProgress, onLog, signal, onStart, command = [] } = {}) {
      const summary = await train({
        ...source,
        cwd,
        runDir,
        progress,
        write: onLog ?? null,
        versions: versions(),
        command,
        signal: signal ?? new AbortController().signal,
        onStart,
      });
      const { runDir: dir, steps } = summary;
      return {
        ...summary,
        evaluations: await summariseEvaluations(dir, steps),
        tests: await newestEvaluations(dir, steps),
      };
    },
  };
}

/** What is trained. */
export interface TrainingSource extends Pick<
  TrainRequest,
  'config' | 'registry' | 'overrides' | 'resume' | 'initFrom'
> {
  readonly yaml: string;
}

async function newRun({ plugins = [], overrides, onNote }: TrainingInput, cwd: string): Promise<TrainingSource> {
  const { config, registry } = await openProject({ cwd, plugins, overrides, onNote });
  const flags = plugins.map((plugin) => `--plugin ${plugin}`);
  return { config: config.values, registry, overrides: [...flags, ...config.overrides], yaml: config.toYaml() };
}

/** The plugins and the config of the run as they were; the project's config file has no say. */
async function savedRun(
  { plugins = [], overrides = [], trustPlugins, onNote }: TrainingInput,
  cwd: string,
  given: string,
): Promise<TrainingSource> {
  if (plugins.length > 0) {
    throw new UsageError('--plugin cannot be used with --resume.', 'A run goes on with the components it has.');
  }
  const resume = findRunToResume(cwd, given);
  const saved = readOverrides(resume);
  const registry = await openRunRegistry({ run: resume, plugins: saved.plugins, cwd, trustPlugins });
  const { values, overrides: changed, notes } = await readSavedConfig(join(resume, CONFIG_FILE), registry, overrides);
  for (const note of notes) onNote?.(note);
  return { config: values, registry, overrides: changed, resume, yaml: printConfig(values) };
}
