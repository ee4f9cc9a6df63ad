/** `osc train`: from a composed config to a trained model in a run directory. */
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { stringify } from 'yaml';
import type { OscConfig } from '../../config';
import { chooseEngine, type EngineInfo } from '../../engine';
import { formatParameters, type Model } from '../../model';
import type { Registry } from '../../registry';
import {
  CHECKPOINTS,
  checkRunPath,
  CONFIG_FILE,
  createRunLog,
  drawSeed,
  explainDiskError,
  lockRun,
  makeRunDirectory,
  newestCheckpoint,
  newRunPath,
  OVERRIDES_FILE,
  formatOverrides,
  readOverrides,
  randomRunName,
  writeEnvironment,
  type RunEnvironment,
  type TrainedModel,
} from '../../run';
import { isReportedError, type Logger, type Progress } from '../../sdk';
import { writeFileAtomically } from '../../sdk/data';
import { PluginError, RunError } from '../../sdk/errors';
import { CollapseMeter, meanLosses, Trainer, type EpochHook } from '../../training';
import {
  type ModelTraining,
  buildModelTraining,
  buildScheduler,
  buildTrackers,
  openSplits,
  type Seeds,
  type Splits,
} from './build-parts';
import { summarise, type TrainSummary } from './summary';

export interface HookContext {
  readonly config: OscConfig;
  readonly registry: Registry;
  readonly model: Model;
  readonly logger: Logger;
}

export interface TrainRequest {
  readonly config: OscConfig;
  readonly registry: Registry;
  /** What the user wrote, kept in `overrides.yaml`. */
  readonly overrides: readonly string[];
  readonly cwd: string;
  /** Folder for a new run; default `outputs/DATE/TIME_NAME` under `cwd`. */
  readonly runDir?: string | undefined;
  /** Run directory to go on with; `config` is the one saved there. */
  readonly resume?: string | undefined;
  /** A new run starts from these weights instead of drawn ones; all else (optimizer, schedule, data) starts anew. */
  readonly initFrom?: TrainedModel | undefined;
  readonly progress: Progress;
  /** Where console lines go; null for none. */
  readonly write: ((line: string) => void) | null;
  /** Figures and tests; called when the model is built. */
  readonly makeHooks: (context: HookContext) => Promise<readonly EpochHook[]>;
  /** For `environment.json`: versions of osc and TensorFlow.js. */
  readonly versions: Readonly<Record<string, string>>;
  /** For `environment.json`: the arguments of the command; none where a script calls. */
  readonly command: readonly string[];
  /** Aborted: stops after the current step, with a checkpoint. */
  readonly signal: AbortSignal;
  /** Called with the run directory when all is prepared and the first step is next. */
  readonly onStart?: ((runDir: string) => void) | undefined;
}

/**
 * Trains a new run, or goes on with one.
 *
 * @throws UsageError before a run directory is made
 * @throws RunError when the world fails in the middle; what was saved and how to go on is in the message
 */
export async function train(request: TrainRequest): Promise<TrainSummary> {
  const { registry, cwd, progress, resume, signal } = request;
  const started = performance.now();
  const log = createRunLog(request.write);
  const { logger } = log;
  const givenRunDir = request.runDir === undefined ? undefined : checkRunPath(cwd, request.runDir);

  const cleanUp: (() => void | Promise<void>)[] = [];
  let status: 'finished' | 'stopped' | 'failed' = 'failed';
  try {
    const engine = await chooseEngine(request.config.engine.name).prepare({ threads: request.config.engine.threads });
    const scheduler = await buildScheduler(request.config, registry);
    const { config, seeds } = settle(request.config, scheduler.epochs);
    const { model, losses, optimizer } = await buildModelTraining(config, registry, seeds, logger);
    cleanUp.push(() => {
      optimizer.dispose();
      model.dispose();
    });
    const { initFrom } = request;
    if (initFrom !== undefined) model.loadWeights(initFrom.model, initFrom.checkpoint);
    tryForward({ model, losses }, config.data.crop_size, thirdPartyPlugins(registry));
    const trackers = await buildTrackers(config, registry, logger);
    const splits = await openSplits(config, registry, seeds, logger, progress);
    cleanUp.push(async () => {
      await Promise.all([splits.train.close(), splits.val.close()]);
    });
    const hooks = await request.makeHooks({ config, registry, model, logger });
    if (signal.aborted) throw new RunError('Stopped before training began.', 'There is no run directory.');

    const name = config.logging.name!;
    const runDir = openRunDirectory(resume ?? givenRunDir ?? newRunPath(cwd, name, new Date()), request, cleanUp);
    log.openFiles(runDir);
    logger.info(`${resume === undefined ? 'Run' : 'Resumed run'} ${name} in ${runDir}`);
    await writeRunFiles(request, config, runDir);
    await writeEnvironment(runDir, cwd, {
      versions: request.versions,
      engine,
      seeds: { ...seeds, val: config.data.val.seed, viz: config.data.viz.seed },
      plugins: thirdPartyPlugins(registry),
      command: request.command,
      initFrom: initFrom === undefined ? null : startingPoint(initFrom),
    });
    if (initFrom !== undefined) logger.info(`Weights start from ${initFrom.checkpoint}`);
    logStart(logger, { config, engine, splits, model });

    const warmupSteps = config.lr_scheduler.warmup.epochs * splits.train.batchesPerEpoch;
    const trainer = new Trainer(
      {
        model,
        losses,
        optimizer,
        scheduler,
        ...splits,
        trackers,
        hooks,
        collapse: new CollapseMeter(config.logging.collapse, warmupSteps, logger),
        logger,
        checkLog: log.throwWriteError,
        progress,
      },
      {
        runDir,
        imageSize: config.data.crop_size,
        numEpochs: config.training.num_epochs!,
        valInterval: config.data.val.epoch_interval,
        checkpointInterval: config.training.checkpoint_interval,
        checkpointSteps: config.training.checkpoint_steps,
        keepCheckpoints: config.training.keep_checkpoints,
        plan: {
          startLr: config.optimizer.start_lr,
          warmupSteps,
          stepsPerEpoch: splits.train.batchesPerEpoch,
        },
      },
    );
    if (resume !== undefined) {
      const checkpoint = await newestCheckpoint(join(runDir, CHECKPOINTS), logger);
      trainer.restore(checkpoint);
      logger.info(`Going on from ${checkpoint.folder}`);
    }
    const { step, epoch } = trainer.position;
    for (const tracker of trackers) {
      await tracker.start({ dir: runDir, name, config, firstStep: step, firstEpoch: epoch });
      cleanUp.push(() => tracker.finish(status));
    }
    cleanUp.push(tellOfStop(signal, logger));
    request.onStart?.(runDir);
    const outcome = await trainer.run(signal);
    status = outcome.status;
    return summarise(outcome, {
      runDir,
      seconds: (performance.now() - started) / 1000,
      skippedRecords: splits.train.skipped + splits.val.skipped,
    });
  } catch (error) {
    log.logFailure((error as Error).message);
    throw error;
  } finally {
    for (const action of cleanUp.reverse()) await action();
  }
}

/** A line in the log when a stop is asked for, with the name of the signal where there is one. */
function tellOfStop(signal: AbortSignal, logger: Logger): () => void {
  const tell = (): void => {
    const { reason } = signal as { reason: unknown };
    logger.warn(`${typeof reason === 'string' ? reason : 'Abort'}: stopping after this step, with a checkpoint.`);
  };
  signal.addEventListener('abort', tell, { once: true });
  return () => {
    signal.removeEventListener('abort', tell);
  };
}

function startingPoint({ checkpoint, sha256, position }: TrainedModel): RunEnvironment['initFrom'] {
  return { checkpoint, sha256, step: position.step };
}

/** Makes and locks the folder. @throws RunError where it cannot be written; UsageError where another process trains there */
function openRunDirectory(path: string, request: TrainRequest, cleanUp: (() => void)[]): string {
  try {
    const runDir = request.resume ?? makeRunDirectory(path, request.runDir !== undefined);
    cleanUp.push(lockRun(runDir));
    return runDir;
  } catch (error) {
    throw explainDiskError(error, path, ['--run-dir ANOTHER_FOLDER']);
  }
}

/** What does not fit together in a config fails here, before a run directory is made, and not at the first step. */
function tryForward(
  { model, losses }: Pick<ModelTraining, 'model' | 'losses'>,
  [height, width]: readonly [number, number],
  plugins: readonly { readonly name: string }[],
): void {
  try {
    tf.tidy(() => {
      const images = tf.zeros<tf.Rank.R4>([2, 3, height, width]);
      meanLosses(losses, model.forward(images, { training: true, step: 0 }));
    });
  } catch (error) {
    if (isReportedError(error) || plugins.length === 0) throw error;
    const names = plugins.map(({ name }) => name);
    const what = `The first forward pass failed, with code of ${names.join(', ')} enabled: ${(error as Error).message}`;
    throw new PluginError(names, what, error);
  }
}

interface Start {
  readonly config: OscConfig;
  readonly engine: EngineInfo;
  readonly splits: Splits;
  readonly model: Model;
}

function logStart(logger: Logger, { config, engine, splits: { train, val }, model }: Start): void {
  const threads = `${engine.threads} thread${engine.threads === 1 ? '' : 's'}`;
  logger.info(`Engine ${engine.name}: ${engine.device}, ${threads}`);
  if (engine.why !== undefined) logger.info(`engine.name=auto took ${engine.name}: ${engine.why}`);
  if (config.engine.threads !== null && config.engine.threads !== engine.threads) {
    logger.warn(`engine.threads=${config.engine.threads} has no effect: this engine runs on ${threads}.`);
  }
  logger.info(`Images: ${train.numSamples} train (${train.batchesPerEpoch} batches an epoch), ${val.numSamples} val`);
  logger.info(`Parameters:\n${formatParameters(model)}`);
}

/** Fills what is left to chance or to other keys, so that the saved config says all: seeds, name, number of epochs. */
function settle(config: OscConfig, decayEpochs: number): { config: OscConfig; seeds: Seeds } {
  const seeds = { other: config.other.seed ?? drawSeed(), train: config.data.train.seed ?? drawSeed() };
  const settled: OscConfig = {
    ...config,
    data: { ...config.data, train: { ...config.data.train, seed: seeds.train } },
    other: { ...config.other, seed: seeds.other },
    logging: { ...config.logging, name: config.logging.name ?? randomRunName() },
    training: {
      ...config.training,
      num_epochs: config.training.num_epochs ?? Math.ceil(config.lr_scheduler.warmup.epochs + decayEpochs),
    },
  };
  return { config: settled, seeds };
}

/** A resumed run keeps what was written before, and adds what is changed now. */
async function writeRunFiles(request: TrainRequest, config: OscConfig, runDir: string): Promise<void> {
  const { registry, overrides, resume } = request;
  if (resume !== undefined && overrides.length === 0) return;
  const before = resume === undefined ? [] : readOverrides(runDir).overrides;
  await writeFileAtomically(join(runDir, CONFIG_FILE), stringify(config));
  const saved = formatOverrides({ plugins: registry.spec.plugins, overrides: [...before, ...overrides] });
  await writeFileAtomically(join(runDir, OVERRIDES_FILE), saved);
}

function thirdPartyPlugins(registry: Registry): { name: string; version: string }[] {
  const enabled = registry.entries().filter((entry) => entry.enabled && !entry.builtin);
  const versions = new Map(enabled.map(({ packageName, packageVersion }) => [packageName, packageVersion]));
  return Array.from(versions, ([name, version]) => ({ name, version }));
}
