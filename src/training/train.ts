/** `osc train`: from a composed config to a trained model in a run directory. */
import { join } from 'node:path';
import { stringify } from 'yaml';
import type { OscConfig } from '../config';
import { chooseEngine } from '../engine';
import { formatParameters, type Model } from '../model';
import type { Registry } from '../registry';
import type { Logger, Progress, Tracker } from '../sdk';
import { buildModelTraining, buildScheduler, buildTrackers, openSplits, type Seeds } from './build-parts';
import { newestCheckpoint } from './checkpoint';
import { replaceFile } from './disk';
import { writeEnvironment } from './environment';
import { CHECKPOINTS, checkRunPath, CONFIG_FILE, makeRunDirectory, newRunPath, OVERRIDES_FILE } from './run-directory';
import { createRunLog } from './run-log';
import { randomRunName } from './run-name';
import { drawSeed } from './seeds';
import { listenForStop } from './stop-signals';
import { summarise, type TrainSummary } from './summary';
import { Trainer, type EpochHook } from './trainer';

export interface HookContext {
  readonly config: OscConfig;
  readonly registry: Registry;
  readonly model: Model;
  readonly runDir: string;
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
  readonly progress: Progress;
  /** Where console lines go; null for none. */
  readonly write: ((line: string) => void) | null;
  /** Figures and tests; called when the model is built. */
  readonly makeHooks: (context: HookContext) => Promise<readonly EpochHook[]>;
  /** For `environment.json`: versions of osc and TensorFlow.js. */
  readonly versions: Readonly<Record<string, string>>;
}

/**
 * Trains a new run, or goes on with one.
 *
 * @throws UsageError before a run directory is made
 * @throws RunError when the world fails in the middle; what was saved and how to go on is in the message
 */
export async function train(request: TrainRequest): Promise<TrainSummary> {
  const { registry, cwd, progress, resume } = request;
  const started = performance.now();
  const log = createRunLog(request.write);
  const { logger } = log;
  const givenRunDir = request.runDir === undefined ? undefined : checkRunPath(cwd, request.runDir);

  const engine = await chooseEngine(request.config.engine.name).prepare();
  const scheduler = await buildScheduler(request.config, registry);
  const { config, seeds } = settle(request.config, scheduler.epochs);
  const { model, losses, optimizer } = await buildModelTraining(config, registry, seeds, logger);
  const trackers = await buildTrackers(config, registry, logger);
  const splits = await openSplits(config, registry, seeds, logger, progress);

  let status: 'finished' | 'stopped' | 'failed' = 'failed';
  const startedTrackers: Tracker[] = [];
  const stop = listenForStop((signal) => {
    logger.warn(`${signal}: stopping after this step, with a checkpoint. Send it again to stop at once.`);
  });
  try {
    const name = config.logging.name!;
    const runDir = resume ?? givenRunDir ?? newRunPath(cwd, name, new Date());
    makeRunDirectory(runDir);
    log.openFiles(runDir);
    logger.info(`${resume === undefined ? 'Run' : 'Resumed run'} ${name} in ${runDir}`);
    if (resume === undefined) await writeRunFiles(request, config, runDir);
    await writeEnvironment(runDir, cwd, {
      versions: request.versions,
      engine,
      seeds: { ...seeds, val: config.data.val.seed, viz: config.data.viz.seed },
      plugins: thirdPartyPlugins(registry),
      command: process.argv.slice(2),
    });
    const threads = `${engine.threads} thread${engine.threads === 1 ? '' : 's'}`;
    logger.info(`Engine ${engine.name}: ${engine.device}, ${threads}`);
    if (config.engine.threads !== null && config.engine.threads !== engine.threads) {
      logger.warn(`engine.threads=${config.engine.threads} has no effect: this engine runs on ${threads}.`);
    }
    logger.info(
      `Images: ${splits.train.numSamples} train (${splits.train.batchesPerEpoch} batches an epoch), ` +
        `${splits.val.numSamples} val`,
    );
    logger.info(`Parameters:\n${formatParameters(model)}`);

    const hooks = await request.makeHooks({ config, registry, model, runDir, logger });
    const trainer = new Trainer(
      { model, losses, optimizer, scheduler, ...splits, trackers, hooks, logger, checkLog: log.check, progress },
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
          warmupSteps: config.lr_scheduler.warmup.epochs * splits.train.batchesPerEpoch,
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
      startedTrackers.push(tracker);
    }
    const outcome = await trainer.run(stop);
    status = outcome.status;
    return summarise(outcome, runDir, (performance.now() - started) / 1000);
  } catch (error) {
    logger.error((error as Error).message);
    throw error;
  } finally {
    stop.release();
    for (const tracker of startedTrackers) await tracker.finish(status);
    await Promise.all([splits.train.close(), splits.val.close()]);
    optimizer.dispose();
    model.dispose();
  }
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

async function writeRunFiles({ registry, overrides }: TrainRequest, config: OscConfig, runDir: string): Promise<void> {
  await replaceFile(join(runDir, CONFIG_FILE), stringify(config));
  await replaceFile(join(runDir, OVERRIDES_FILE), stringify({ plugins: registry.spec.plugins, overrides }));
}

function thirdPartyPlugins(registry: Registry): { name: string; version: string }[] {
  const enabled = registry.entries().filter((entry) => entry.enabled && !entry.builtin);
  const versions = new Map(enabled.map(({ packageName, packageVersion }) => [packageName, packageVersion]));
  return Array.from(versions, ([name, version]) => ({ name, version }));
}
