import type { OscConfig } from '../../config';
import { measureNormalization } from '../../data';
import type { Registry } from '../../registry';
import { drawSeed, randomRunName } from '../../run';
import type { Logger, Progress } from '../../sdk';

/** Drawn, or given by the config. */
export interface Seeds {
  /** Of weights, and of all draws but order and crops. */
  readonly other: number;
  /** Of order and crops of training. */
  readonly train: number;
}

/** A config that leaves nothing to chance. */
export interface CompleteConfig {
  readonly config: OscConfig;
  readonly seeds: Seeds;
  /** Of the run. */
  readonly name: string;
  readonly numEpochs: number;
}

/** Fills in what is left to chance or to other keys, so that the saved config says all: seeds, name, number of epochs. */
export function completeConfig(config: OscConfig, decayEpochs: number): CompleteConfig {
  const seeds = { other: config.other.seed ?? drawSeed(), train: config.data.train.seed ?? drawSeed() };
  const name = config.logging.name ?? randomRunName();
  const numEpochs = config.training.num_epochs ?? Math.ceil(config.lr_scheduler.warmup.epochs + decayEpochs);
  const complete: OscConfig = {
    ...config,
    data: { ...config.data, train: { ...config.data.train, seed: seeds.train } },
    other: { ...config.other, seed: seeds.other },
    logging: { ...config.logging, name },
    training: { ...config.training, num_epochs: numEpochs },
  };
  return { config: complete, seeds, name, numEpochs };
}

/**
 * Measures what `data.normalize.from_data` asks for, and puts the numbers in its place: as with seeds, the saved config says what
 * the run was made with.
 *
 * @throws UsageError and RunError for a data set that is not there or cannot be read
 */
export async function withMeasuredNormalization(
  config: OscConfig,
  registry: Registry,
  { logger, progress }: { readonly logger: Logger; readonly progress: Progress },
): Promise<OscConfig> {
  const { name, options, normalize, crop_size: cropSize, on_bad_record: onBadRecord, train } = config.data;
  const { from_data: of } = normalize;
  if (of === null) return config;
  const measured = await measureNormalization({
    of,
    dataset: { name, options },
    registry,
    cropSize,
    maxSamples: train.max_samples,
    onBadRecord,
    logger,
    progress,
  });
  const { mean, std, rows } = measured.normalization;
  const [ofMean, ofStd] = [mean, std].map((values) => values.map((value) => value.toFixed(3)).join(', '));
  const perRow = rows == null ? '' : `, of each of ${rows.length} rows`;
  logger.info(`Normalisation of ${measured.numImages} training images: mean ${ofMean}${perRow}, std ${ofStd}`);
  const numbers = {
    mean: [...mean] as [number, number, number],
    std: [...std] as [number, number, number],
    rows: rows?.map((row) => [...row] as [number, number, number]) ?? null,
  };
  return { ...config, data: { ...config.data, normalize: { ...numbers, from_data: null } } };
}
