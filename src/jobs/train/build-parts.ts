/** From a config to the parts of training. Everything a user can get wrong is found here, before a run directory is made. */
import * as tf from '@tensorflow/tfjs-core';
import type { OscConfig } from '../../config';
import { openBatches, type BatchSource } from '../../data';
import { buildSeededModel, type Model } from '../../model';
import type { Registry } from '../../registry';
import {
  CALLBACK_MOMENTS,
  DIMENSIONS,
  isReportedError,
  LOGGER,
  NORMALIZATION,
  RANDOM,
  RandomSource,
  unknownMoments,
  UsageError,
  type Callback,
  type Dimensions,
  type Logger,
  type LrScheduler,
  type Optimizer,
  type Progress,
  type Tracker,
} from '../../sdk';
import { PluginError } from '../../sdk/errors';
import { messageOf } from '../../util/thrown';
import { Callbacks, Trackers, type NamedCallback, type Objective, type Trained } from '../../training';
import { buildObjective } from './build-losses';
import type { Seeds } from './complete-config';

/** What is built from `model`, `losses`, `optimizer`. */
export interface ModelTraining {
  readonly model: Model;
  readonly objective: Objective;
  readonly optimizer: Optimizer;
}

export async function buildModelTraining(
  config: OscConfig,
  registry: Registry,
  seeds: Pick<Seeds, 'other'>,
  logger: Logger,
): Promise<ModelTraining> {
  const model = await buildSeededModel(config, seeds.other, registry, logger);
  const objective = await buildObjective(config, registry, model, seeds.other, logger);
  const { name, options } = config.optimizer;
  const optimizer = await registry.create<Optimizer>('optimizer', name, { options });
  return { model, objective, optimizer };
}

export async function buildScheduler(config: OscConfig, registry: Registry): Promise<LrScheduler> {
  const { name, options } = config.lr_scheduler.decay;
  return registry.create<LrScheduler>('lr_scheduler', name, { options });
}

export async function buildTrackers(config: OscConfig, registry: Registry, logger: Logger): Promise<Trackers> {
  const trackers = config.logging.trackers.map(async ({ name, options }) => {
    const provide = new Map([[LOGGER, logger]]);
    return { name, tracker: await registry.create<Tracker>('tracker', name, { options, provide }) };
  });
  return new Trackers(await Promise.all(trackers), logger);
}

/** @throws UsageError for a callback that is listed twice: what they keep would have one name */
export async function buildCallbacks(
  config: OscConfig,
  registry: Registry,
  { dimensions, seed }: { readonly dimensions: Dimensions; readonly seed: number },
  logger: Logger,
): Promise<Callbacks> {
  const random = new RandomSource(seed).scope('callbacks');
  const callbacks: NamedCallback[] = [];
  for (const { name, options } of config.training.callbacks) {
    if (callbacks.some((other) => other.name === name)) {
      throw new UsageError(`training.callbacks lists ${name} more than once.`);
    }
    const provide = new Map<symbol, unknown>([
      [DIMENSIONS, dimensions],
      [NORMALIZATION, config.data.normalize],
      [RANDOM, random.scope(name)],
      [LOGGER, logger],
    ]);
    const callback = await registry.create<Callback>('callback', name, { options, provide });
    const entry = registry.lookup('callback', name);
    const packageName = entry?.builtin === false ? entry.packageName : null;
    checkMoments(name, callback, packageName ?? 'osc-trainer');
    callbacks.push({ name, callback, packageName });
  }
  return new Callbacks(callbacks, logger);
}

/** @throws PluginError for a method that nobody would ever call */
function checkMoments(name: string, callback: Callback, packageName: string): void {
  const unknown = unknownMoments(callback);
  if (unknown.length === 0) return;
  const moments = Object.keys(CALLBACK_MOMENTS).join(', ');
  const what = `The callback ${name} of ${packageName} has ${unknown.join(', ')}, which is no moment of a run: ${moments}.`;
  throw new PluginError([packageName], what, undefined);
}

export interface Splits {
  readonly train: BatchSource;
  readonly val: BatchSource;
}

/** Opens both splits; generates or counts what has to be, with progress. */
export async function openSplits(
  config: OscConfig,
  registry: Registry,
  seeds: Pick<Seeds, 'train'>,
  logger: Logger,
  progress: Progress,
): Promise<Splits> {
  const { name, options, normalize } = config.data;
  const { crop_size: cropSize, crops, crop_scale: cropScale, num_workers: numWorkers } = config.data;
  const shared = {
    dataset: { name, options },
    registry,
    batchSize: config.training.batch_size,
    cropSize,
    crops,
    cropScale,
    normalize,
    numWorkers,
    onBadRecord: config.data.on_bad_record,
    fewerIsFine: config.other.debug,
    logger,
    progress,
  };
  const train = await openBatches({
    ...shared,
    split: 'train',
    dropRemainder: true,
    shuffle: true,
    seed: seeds.train,
    maxSamples: config.data.train.max_samples,
  });
  const val = await openBatches({
    ...shared,
    split: 'val',
    dropRemainder: false,
    shuffle: false,
    seed: config.data.val.seed,
    maxSamples: config.data.val.max_samples,
  });
  return { train, val };
}

/** What does not fit together in a config fails here, before a run directory is made, and not at the first step. */
export function tryForward(
  { model, objective }: Trained,
  [height, width]: readonly [number, number],
  plugins: readonly { readonly name: string }[],
): void {
  const mode = { training: true, step: 0, progress: 0 };
  try {
    tf.tidy(() => {
      const images = tf.zeros<tf.Rank.R4>([2, 3, height, width]);
      objective.means({ outputs: model.forward(images, mode), images, mode });
    });
  } catch (error) {
    if (isReportedError(error) || plugins.length === 0) throw error;
    const names = plugins.map(({ name }) => name);
    const what = `The first forward pass failed, with code of ${names.join(', ')} enabled: ${messageOf(error)}`;
    throw new PluginError(names, what, error);
  }
}
