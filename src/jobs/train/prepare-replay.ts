/** What `osc train --replay` starts from: a finished run, which is trained again from its files. */
import { join } from 'node:path';
import { loadConfigFile, printConfig, readSavedConfig, splitPluginFlags, type OscConfig } from '../../config';
import { Registry } from '../../registry';
import {
  CHECKPOINTS,
  compareCheckpoints,
  compareEnvironments,
  CONFIG_FILE,
  findRunToReplay,
  listCheckpoints,
  openTrainedModel,
  readCheckpoint,
  readEnvironment,
  readOverrides,
  type Checkpoint,
  type CheckpointComparison,
  type EnvironmentDifference,
  type RunSession,
  type TrainedModel,
} from '../../run';
import { isReportedError, UsageError } from '../../sdk';
import type { FolderInput } from '../input';
import { ENGINE_COMPONENTS } from '../open-registry';
import { preparedFrom, type FinishedTraining, type PreparedTraining, type StartOptions } from './prepare-training';

export interface ReplayInput extends FolderInput {
  /** The run to repeat, which has finished: a run directory, its name, or `latest`. */
  readonly run: string;
  /** Packages to load besides those that the project's config file enables: code of a plugin runs only where it is asked for. */
  readonly plugins?: readonly string[] | undefined;
  /** Changes of where it runs and what is told of it: `engine`, `logging`, `data.num_workers`, `other.tqdm`. */
  readonly overrides?: readonly string[] | undefined;
  /** Called with each thing that is no mistake and should be known. */
  readonly onNote?: ((text: string) => void) | undefined;
  /** Where the weights lie now that the run started from; default: where they were. They must be the same. */
  readonly initFrom?: string | undefined;
  /** Plugins that only the run names may be loaded. */
  readonly trustPlugins?: boolean | undefined;
}

/** Whether a run that was trained again gave the same. */
export interface ReplayComparison extends CheckpointComparison {
  /** Run directory of the first one. */
  readonly original: string;
  /** What of the environment differs, of what can change what is computed. */
  readonly environment: readonly EnvironmentDifference[];
}

export interface ReplayedTraining extends FinishedTraining {
  /** Null: it was stopped. */
  readonly comparison: ReplayComparison | null;
}

export interface PreparedReplay extends Omit<PreparedTraining, 'train'> {
  train(options?: StartOptions): Promise<ReplayedTraining>;
}

/** @throws UsageError for a run that did not finish, and for all that is wrong in its files, flags and overrides; makes no folder */
export async function prepareReplay(input: ReplayInput): Promise<PreparedReplay> {
  const { cwd = process.cwd() } = input;
  const run = findRunToReplay(cwd, input.run);
  const sessions = readEnvironment(run);
  const saved = readOverrides(run);
  const registry = await openProjectRegistry(input, saved.plugins, cwd);
  const { values, overrides } = await readConfig(run, input, registry, { sessions, plugins: saved.plugins });
  const final = await finalCheckpoint(run, input.run, values);
  const initFrom = await weightsAtStart(input, cwd, sessions[0].initFrom);
  const config = configOf(values, overrides, sessions[0]);
  const source = { config, registry, overrides: [...saved.overrides, ...overrides], initFrom };
  const prepared = preparedFrom({ ...source, yaml: printConfig(config) }, cwd);
  return {
    ...prepared,
    async train(options) {
      const finished = await prepared.train(options);
      if (finished.status === 'stopped') return { ...finished, comparison: null };
      const [before, after] = [await readCheckpoint(final), await readCheckpoint(finished.checkpoint)];
      const environment = compareEnvironments(sessions, readEnvironment(finished.runDir));
      return { ...finished, comparison: { original: run, ...compareCheckpoints(before, after), environment } };
    },
  };
}

/** The plugins of the project and of the flags; those that the run names only if they are trusted: it may come from elsewhere. */
async function openProjectRegistry(
  { plugins = [], trustPlugins = false }: ReplayInput,
  ofRun: readonly string[],
  cwd: string,
): Promise<Registry> {
  const { packages: named, selections } = splitPluginFlags(plugins);
  const packages = trustPlugins ? [...named, ...ofRun] : named;
  const file = await loadConfigFile(cwd);
  const open = (extra: readonly string[]): Promise<Registry> =>
    Registry.open({ plugins: file.plugins, from: file.from, extra, own: ENGINE_COMPONENTS, cwd });
  const registry = await open(packages);
  if (selections.length === 0) return registry;
  const components = new Set(registry.entries().map(({ name }) => name));
  const chosen = selections.filter((text) => text.includes('=') || components.has(text));
  if (chosen.length === 0) return open(plugins);
  throw new UsageError(
    `--plugin ${chosen[0]} cannot be used with --replay.`,
    'A run is repeated with the components it has; only packages can be loaded for it.',
  );
}

async function readConfig(
  run: string,
  { run: given, overrides = [], onNote }: ReplayInput,
  registry: Registry,
  named: { readonly sessions: readonly RunSession[]; readonly plugins: readonly string[] },
): Promise<Awaited<ReturnType<typeof readSavedConfig>>> {
  try {
    const saved = await readSavedConfig(join(run, CONFIG_FILE), registry, overrides, 'replay');
    for (const note of saved.notes) onNote?.(note);
    return saved;
  } catch (error) {
    const enabled = new Set(
      registry
        .entries()
        .filter((entry) => entry.enabled)
        .map(({ packageName }) => packageName),
    );
    const missing = named.sessions.at(-1)!.plugins.filter(({ name }) => !enabled.has(name));
    if (!isReportedError(error) || missing.length === 0) throw error;
    throw new UsageError(
      error.what,
      `The run had the plugins ${missing.map(({ name }) => name).join(', ')}, which this project does not enable.`,
      named.plugins.map(
        (folder) => `osc train --replay ${given} --plugin ${folder}    (runs the code that lies there)`,
      ),
      { cause: error },
    );
  }
}

/** @throws UsageError for a run that has none, which says how to make it */
async function finalCheckpoint(run: string, given: string, config: OscConfig): Promise<string> {
  const resume = [`osc train --resume ${given}    (and then --replay)`];
  const [folder] = await listCheckpoints(join(run, CHECKPOINTS));
  if (folder === undefined)
    throw new UsageError(`The run ${run} has no checkpoint to compare with.`, undefined, resume);
  let checkpoint: Checkpoint;
  try {
    checkpoint = await readCheckpoint(folder);
  } catch (error) {
    throw new UsageError(`The last checkpoint of the run, ${folder}, is broken.`, (error as Error).message, resume, {
      cause: error,
    });
  }
  const { position, stopReason, pendingEpochEnd } = checkpoint;
  const numEpochs = config.training.num_epochs ?? Infinity;
  const isDone = position.batch === 0 && (stopReason !== null || position.epoch >= numEpochs);
  if (isDone && pendingEpochEnd === null) return folder;
  const why = isDone
    ? 'It was stopped before the tests after its last epoch.'
    : `It was stopped after ${position.step} steps, in epoch ${position.epoch + 1} of ${numEpochs}.`;
  throw new UsageError(`The run ${run} has not finished, so there is nothing to compare with.`, why, resume);
}

/** @throws UsageError where the weights that the run started from are gone, or are others */
async function weightsAtStart(
  { run, initFrom }: ReplayInput,
  cwd: string,
  recorded: RunSession['initFrom'],
): Promise<TrainedModel | undefined> {
  if (recorded === null) {
    if (initFrom === undefined) return undefined;
    throw new UsageError('--init-from cannot be used here.', 'The run did not start from weights of another one.');
  }
  const hints = [`osc train --replay ${run} --init-from RUN|CHECKPOINT    (where those weights lie now)`];
  const { checkpoint, step, sha256 } = recorded;
  const what = `the weights that the run started from (${checkpoint}, ${step} steps)`;
  let found: TrainedModel;
  try {
    found = await openTrainedModel(cwd, initFrom ?? checkpoint, `osc train --replay ${run} --init-from`);
  } catch (error) {
    if (initFrom !== undefined || !isReportedError(error)) throw error;
    throw new UsageError(`Without ${what} it cannot be repeated.`, error.message, hints, { cause: error });
  }
  if (found.sha256 === sha256) return found;
  const why = `Their SHA-256 is ${found.sha256}, and was ${sha256}.`;
  throw new UsageError(`The weights in ${found.checkpoint} are not ${what}.`, why, hints);
}

const SUFFIX = '-replay';

/**
 * The config of the run with a name of its own, and the engine and the number of threads it was trained with, where nobody
 * asks for others.
 */
function configOf(values: OscConfig, overrides: readonly string[], { engine }: RunSession): OscConfig {
  const keys = overrides.map((text) => text.replace(/^[+~]*/, '').split('=', 1)[0]!);
  const isGiven = (key: string): boolean => keys.some((given) => key === given || key.startsWith(`${given}.`));
  const before = values.logging.name ?? 'run';
  const name = isGiven('logging.name') || before.endsWith(SUFFIX) ? before : before + SUFFIX;
  const id = isGiven('logging.id') ? values.logging.id : null; // that of another run at a tracker
  const isOther = isGiven('engine.name');
  const threads = isOther || isGiven('engine.threads') ? values.engine.threads : engine.threads;
  return {
    ...values,
    logging: { ...values.logging, name, id },
    engine: { ...values.engine, name: isOther ? values.engine.name : engine.name, threads },
  };
}
