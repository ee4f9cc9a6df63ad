/** From a config to the parts of training. Everything a user can get wrong is found here, before a run directory is made. */
import { componentNode, componentNodes, type OscConfig } from '../../config';
import { openBatches, type BatchSource } from '../../data';
import { buildSeededModel, type Model } from '../../model';
import type { Registry } from '../../registry';
import {
  LOGGER,
  UsageError,
  type Logger,
  type Loss,
  type LrScheduler,
  type Optimizer,
  type Progress,
  type Tracker,
} from '../../sdk';
import type { WeightedLoss } from '../../training';

/** What is built from `model`, `losses`, `optimizer`. */
export interface ModelTraining {
  readonly model: Model;
  readonly losses: readonly WeightedLoss[];
  readonly optimizer: Optimizer;
}

/** Drawn, or given by the config. */
export interface Seeds {
  readonly other: number;
  readonly train: number;
}

async function buildLosses(config: OscConfig, registry: Registry, model: Model): Promise<WeightedLoss[]> {
  const losses: WeightedLoss[] = [];
  for (const key of Object.keys(config.losses)) {
    const node = componentNode(config, `losses.${key}`);
    if (node === null) continue;
    const loss = await registry.create<Loss>('loss', node.name, { options: node.options });
    if (loss.usesObjects && !model.usesObjects) {
      throw new UsageError(
        `The loss ${node.name} needs slots, and the architecture ${String(config.model.architecture)} has none.`,
        undefined,
        [`losses.${key}=null`, 'model=vit_obj_global'],
      );
    }
    losses.push({ key, loss, weight: node.parent['weight'] as number });
  }
  return losses;
}

export async function buildModelTraining(
  config: OscConfig,
  registry: Registry,
  seeds: Seeds,
  logger: Logger,
): Promise<ModelTraining> {
  const model = await buildSeededModel(config, seeds.other, registry, logger);
  const losses = await buildLosses(config, registry, model);
  const optimizerNode = componentNode(config, 'optimizer')!;
  const optimizer = await registry.create<Optimizer>('optimizer', optimizerNode.name, {
    options: optimizerNode.options,
  });
  return { model, losses, optimizer };
}

export async function buildScheduler(config: OscConfig, registry: Registry): Promise<LrScheduler> {
  const { name, options } = componentNode(config, 'lr_scheduler.decay')!;
  return registry.create<LrScheduler>('lr_scheduler', name, { options });
}

export async function buildTrackers(config: OscConfig, registry: Registry, logger: Logger): Promise<Tracker[]> {
  return Promise.all(
    componentNodes(config, 'logging.trackers').map(({ name, options }) =>
      registry.create<Tracker>('tracker', name, { options, provide: new Map([[LOGGER, logger]]) }),
    ),
  );
}

export interface Splits {
  readonly train: BatchSource;
  readonly val: BatchSource;
}

/** Opens both splits; generates or counts what has to be, with progress. */
export async function openSplits(
  config: OscConfig,
  registry: Registry,
  seeds: Seeds,
  logger: Logger,
  progress: Progress,
): Promise<Splits> {
  const { name, options } = componentNode(config, 'data')!;
  const { crop_size: cropSize, crop_scale: cropScale, normalize, num_workers: numWorkers } = config.data;
  const shared = {
    dataset: { name, options },
    registry,
    batchSize: config.training.batch_size,
    cropSize,
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
