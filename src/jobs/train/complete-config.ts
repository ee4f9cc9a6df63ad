import type { OscConfig } from '../../config';
import { drawSeed, randomRunName } from '../../run';

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
