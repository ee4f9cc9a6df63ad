/** `osc train`: from a composed config to a trained model in a run directory. */
import { join } from 'node:path';
import { writtenConfig, type OscConfig } from '../../config';
import { chooseEngine, type EngineInfo } from '../../engine';
import { Evaluation } from '../../evaluation';
import { formatParameters } from '../../model';
import type { Registry } from '../../registry';
import {
  CHECKPOINTS,
  checkRunPath,
  createRunLog,
  endSession,
  explainDiskError,
  newestCheckpoint,
  newRunPath,
  writeEnvironment,
  type RunLock,
  type RunLog,
  type TrainedModel,
} from '../../run';
import { RunError, type Logger, type LrScheduler, type Progress } from '../../sdk';
import {
  trainedParameters,
  Trainer,
  type Callbacks,
  type Trackers,
  type TrainerOptions,
  type TrainerParts,
} from '../../training';
import { onProcessFault } from '../../util/process-fault';
import { messageOf } from '../../util/thrown';
import { Figures } from '../../visualization';
import {
  buildCallbacks,
  buildModelTraining,
  buildScheduler,
  buildTrackers,
  openSplits,
  tryForward,
  type ModelTraining,
  type Splits,
} from './build-parts';
import { buildUntrained } from './build-untrained';
import { CleanUp } from './clean-up';
import { completeConfig, withMeasuredNormalization, type CompleteConfig } from './complete-config';
import { RunEvaluation } from './evaluation-service';
import { RunFigures } from './figure-service';
import { openRunDirectory, writeConfig } from './run-files';
import { summarise, type TrainSummary } from './summary';
import { warnOfFewSlots } from './warn-few-slots';

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
  /** For `environment.json`: versions of osc and TensorFlow.js. */
  readonly versions: Readonly<Record<string, string>>;
  /** For `environment.json`: the arguments of the command; none where a script calls. */
  readonly command: readonly string[];
  /** Aborted: stops after the current step, with a checkpoint. */
  readonly signal: AbortSignal;
  /** Called with the run directory when all is prepared and the first step is next. */
  readonly onStart?: ((runDir: string) => void) | undefined;
}

export interface TrainResult extends TrainSummary {
  /** Paths of what was drawn. */
  readonly figures: readonly string[];
}

/** All that is built before there is a run directory. */
interface Parts extends ModelTraining, Splits, CompleteConfig {
  readonly engine: EngineInfo;
  readonly scheduler: LrScheduler;
  readonly trackers: Trackers;
  readonly callbacks: Callbacks;
  readonly evaluation: Evaluation | null;
  readonly figures: Figures | null;
}

/**
 * Trains a new run, or goes on with one.
 *
 * @throws UsageError before a run directory is made
 * @throws RunError when the world fails in the middle; what was saved and how to go on is in the message
 */
export async function train(request: TrainRequest): Promise<TrainResult> {
  const started = performance.now();
  const log = createRunLog(request.write);
  const cleanUp = new CleanUp();
  const drawn = new Set<string>();
  let status: 'finished' | 'stopped' | 'failed' = 'failed';
  cleanUp.add(
    onProcessFault((error) => {
      log.logFailure(messageOf(error));
    }),
  );
  try {
    const path = request.runDir === undefined ? undefined : checkRunPath(request.cwd, request.runDir);
    const parts = await buildParts(request, log.logger, cleanUp);
    if (request.signal.aborted) throw new RunError('Stopped before training began.', 'There is no run directory.');
    const { runDir, lock } = await openRun(request, path, parts, log, cleanUp);
    logStart(log.logger, parts);
    const trainer = new Trainer(
      trainerParts(request, parts, { runDir, lock, log, drawn }),
      trainerOptions(parts, runDir),
    );
    if (request.resume !== undefined) await restoreNewest(trainer, runDir, log.logger);
    const { step, epoch } = trainer.firstPoint;
    cleanUp.add(() => parts.trackers.finish(status));
    await parts.trackers.start({
      dir: runDir,
      name: parts.name,
      config: writtenConfig(parts.config),
      firstStep: step,
      firstEpoch: epoch,
    });
    cleanUp.add(logStop(request.signal, log.logger));
    request.onStart?.(runDir);
    const outcome = await trainer.run(request.signal);
    status = outcome.status;
    const seconds = (performance.now() - started) / 1000;
    await noteEnd(runDir, { status, seconds });
    const skippedRecords = parts.train.skipped + parts.val.skipped;
    return { ...summarise(outcome, { runDir, seconds, skippedRecords }), figures: [...drawn] };
  } catch (error) {
    log.logFailure(messageOf(error));
    throw error;
  } finally {
    await cleanUp.run();
  }
}

/** @throws UsageError for all that is wrong in a config */
async function buildParts(request: TrainRequest, logger: Logger, cleanUp: CleanUp): Promise<Parts> {
  const { registry, progress, initFrom } = request;
  const engine = await chooseEngine(request.config.engine.name).prepare({ threads: request.config.engine.threads });
  const scheduler = await buildScheduler(request.config, registry);
  const measured = await withMeasuredNormalization(request.config, registry, { logger, progress });
  const complete = completeConfig(measured, scheduler.epochs);
  const { config, seeds } = complete;
  const training = await buildModelTraining(config, registry, seeds, logger);
  const { model, objective, optimizer } = training;
  cleanUp.add(() => {
    optimizer.dispose();
    objective.dispose();
    model.dispose();
  });
  if (initFrom !== undefined) model.loadWeights(initFrom.model, initFrom.checkpoint);
  tryForward({ model, objective }, config.data.crop_size, thirdPartyPlugins(registry));
  const trackers = await buildTrackers(config, registry, logger);
  const { dimensions } = model;
  const callbacks = await buildCallbacks(config, registry, { dimensions, seed: seeds.other }, logger);
  cleanUp.add(() => {
    callbacks.dispose();
  });
  const splits = await openSplits(config, registry, seeds, logger, progress);
  cleanUp.add(async () => {
    await Promise.all([splits.train.close(), splits.val.close()]);
  });
  await warnOfFewSlots(model, config, registry, logger);
  const masks = objective.maskSources;
  const evaluation = await Evaluation.open({
    ...{ config, registry, model, masks, progress, logger },
    untrained: () => buildUntrained(config, registry, seeds.other),
  });
  const figures = await Figures.open({ config, registry, model, masks, logger });
  return { ...complete, ...training, ...splits, engine, scheduler, trackers, callbacks, evaluation, figures };
}

/** Makes and locks the run directory, and writes into it what is going to be trained. */
async function openRun(
  request: TrainRequest,
  given: string | undefined,
  { config, name, seeds, engine }: Parts,
  log: RunLog,
  cleanUp: CleanUp,
): Promise<{ runDir: string; lock: RunLock }> {
  const { registry, overrides, initFrom } = request;
  const resume = request.resume !== undefined;
  const path = request.resume ?? given ?? newRunPath(request.cwd, name, new Date());
  const tell = (line: string): void => {
    log.logger.info(line);
  };
  const { runDir, lock } = await openRunDirectory(path, { resume, isGiven: given !== undefined, tell });
  cleanUp.add(() => {
    lock.release();
  });
  log.openFiles(runDir);
  log.logger.info(`${resume ? 'Resumed run' : 'Run'} ${name} in ${runDir}`);
  await writeConfig(runDir, config, { registry, overrides, resume });
  await writeEnvironment(runDir, request.cwd, {
    versions: request.versions,
    engine,
    seeds: { ...seeds, val: config.data.val.seed, viz: config.data.viz.seed },
    plugins: thirdPartyPlugins(registry),
    command: request.command,
    initFrom:
      initFrom === undefined
        ? null
        : { checkpoint: initFrom.checkpoint, sha256: initFrom.sha256, step: initFrom.position.step },
  });
  if (initFrom !== undefined) log.logger.info(`Weights start from ${initFrom.checkpoint}`);
  return { runDir, lock };
}

function logStart(logger: Logger, { config, engine, train, val, model, objective }: Parts): void {
  const threads = `${engine.threads} thread${engine.threads === 1 ? '' : 's'}`;
  logger.info(`Engine ${engine.name}: ${engine.device}, ${threads}`);
  if (engine.why !== undefined) logger.info(`engine.name=auto took ${engine.name}: ${engine.why}`);
  if (config.engine.threads !== null && config.engine.threads !== engine.threads) {
    logger.warn(`engine.threads=${config.engine.threads} has no effect: this engine runs on ${threads}.`);
  }
  logger.info(`Images: ${train.numSamples} train (${train.batchesPerEpoch} batches an epoch), ${val.numSamples} val`);
  logger.info(`Parameters:\n${formatParameters(trainedParameters({ model, objective }))}`);
}

function trainerParts(
  { progress }: TrainRequest,
  { evaluation, figures, config, ...parts }: Parts,
  { runDir, lock, log, drawn }: { runDir: string; lock: RunLock; log: RunLog; drawn: Set<string> },
): TrainerParts {
  const { test, viz } = config.data;
  return {
    ...parts,
    evaluation: evaluation && new RunEvaluation(evaluation, test.epoch_interval, runDir, drawn),
    figures: figures && new RunFigures(figures, viz.epoch_interval, runDir, drawn),
    logger: log.logger,
    checkRun() {
      lock.throwIfLost();
      log.throwWriteError();
    },
    progress,
  };
}

function trainerOptions({ config, name, numEpochs, train }: Parts, runDir: string): TrainerOptions {
  const { training, data } = config;
  const stepsPerEpoch = Math.ceil(train.batchesPerEpoch / training.accumulate_batches);
  return {
    runDir,
    name,
    imageSize: data.crop_size,
    numEpochs,
    accumulateBatches: training.accumulate_batches,
    clipGradNorm: training.clip_grad_norm,
    valInterval: data.val.epoch_interval,
    checkpointInterval: training.checkpoint_interval,
    checkpointSteps: training.checkpoint_steps,
    keepCheckpoints: training.keep_checkpoints,
    plan: {
      startLr: config.optimizer.start_lr,
      warmupSteps: config.lr_scheduler.warmup.epochs * stepsPerEpoch,
      stepsPerEpoch,
    },
  };
}

async function noteEnd(runDir: string, ended: Parameters<typeof endSession>[1]): Promise<void> {
  try {
    await endSession(runDir, ended);
  } catch (error) {
    throw explainDiskError(error, runDir, []);
  }
}

async function restoreNewest(trainer: Trainer, runDir: string, logger: Logger): Promise<void> {
  const checkpoint = await newestCheckpoint(join(runDir, CHECKPOINTS), logger);
  trainer.restore(checkpoint);
  logger.info(`Going on from ${checkpoint.folder}`);
}

/** A line in the log when a stop is asked for, with the name of the signal where there is one. */
function logStop(signal: AbortSignal, logger: Logger): () => void {
  const tell = (): void => {
    const { reason } = signal as { reason: unknown };
    logger.warn(`${typeof reason === 'string' ? reason : 'Abort'}: stopping after this step, with a checkpoint.`);
  };
  signal.addEventListener('abort', tell, { once: true });
  return () => {
    signal.removeEventListener('abort', tell);
  };
}

function thirdPartyPlugins(registry: Registry): { name: string; version: string }[] {
  const enabled = registry.entries().filter((entry) => entry.enabled && !entry.builtin);
  const versions = new Map(enabled.map(({ packageName, packageVersion }) => [packageName, packageVersion]));
  return Array.from(versions, ([name, version]) => ({ name, version }));
}
