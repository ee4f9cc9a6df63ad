/** The training loop: epochs, validation, hooks, checkpoints, stops. (reference: `run_train_val_viz_epochs`) */
import { join, relative } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import {
  RunError,
  type Logger,
  type LrPlan,
  type LrScheduler,
  type Mode,
  type Optimizer,
  type Progress,
  type SavedTensor,
  type Tracker,
} from '../sdk';
import {
  markHooksDone,
  pruneCheckpoints,
  saveCheckpoint,
  type Checkpoint,
  type EpochRecord,
  type Position,
} from '../run';
import type { CollapseMeter } from './collapse-meter';
import { explainDiskError } from '../run';
import { firstNonFinite, firstNonFiniteParameter } from './non-finite';
import type { LossValues, WeightedLoss } from './objective';
import { CHECKPOINTS } from '../run';
import { NonFiniteLossError, trainStep, type TrainableModel } from './step';
import { batchTensor, validate, type ImageBatch } from './validation';

/** Batches of one split, epoch by epoch. */
export interface Batches {
  readonly numSamples: number;
  readonly batchesPerEpoch: number;
  epoch(epoch: number, fromBatch?: number): AsyncIterable<ImageBatch>;
}

export interface HookPoint {
  readonly epoch: number;
  readonly step: number;
  readonly runDir: string;
  /** Training is finished, not only stopped. */
  readonly lastEpoch: boolean;
}

/** Work at the end of an epoch: tests, figures. Due when epoch % interval == 0, after the last one, and on a stop. */
export interface EpochHook {
  readonly name: string;
  readonly interval: number;
  /** @returns metrics to log */
  run(context: HookPoint): Promise<Readonly<Record<string, number>>>;
}

export interface TrainerOptions {
  readonly runDir: string;
  /** `[H, W]` of a crop. */
  readonly imageSize: readonly [number, number];
  readonly numEpochs: number;
  /** Epochs between validations. */
  readonly valInterval: number;
  /** Epochs between checkpoints. */
  readonly checkpointInterval: number;
  /** Also a checkpoint every so many steps. */
  readonly checkpointSteps: number | null;
  readonly keepCheckpoints: number | null;
  readonly plan: LrPlan;
}

export interface TrainerParts {
  readonly model: TrainableModel & { loadWeights(weights: ReadonlyMap<string, SavedTensor>, source: string): void };
  readonly losses: readonly WeightedLoss[];
  readonly optimizer: Optimizer;
  readonly scheduler: LrScheduler;
  readonly train: Batches;
  readonly val: Batches;
  readonly trackers: readonly Tracker[];
  readonly hooks: readonly EpochHook[];
  /** Null: not measured. */
  readonly collapse: CollapseMeter | null;
  readonly logger: Logger;
  /** Throws what went wrong in writing the log. */
  readonly checkLog: () => void;
  readonly progress: Progress;
}

export interface TrainOutcome {
  readonly status: 'finished' | 'stopped';
  readonly position: Position;
  readonly history: readonly EpochRecord[];
  readonly checkpoint: string;
  /** Steps of this process. */
  readonly sessionSteps: number;
  /** Images a second over the training steps of this process, waiting for data included. */
  readonly imagesPerSecond: number;
}

const PROGRESS_DIGITS = 3;

function saved(tensors: ReadonlyMap<string, tf.Tensor>): Map<string, SavedTensor> {
  return new Map(
    Array.from(tensors, ([name, tensor]) => [name, { shape: tensor.shape, data: tensor.dataSync() as Float32Array }]),
  );
}

function add(sums: Record<string, number>, values: LossValues): void {
  for (const [key, value] of Object.entries(values)) sums[key] = (sums[key] ?? 0) + value;
}

function describeLosses(values: LossValues): string {
  return Object.entries(values)
    .map(([key, value]) => `${key} is ${value}`)
    .join(', ');
}

export class Trainer {
  #position: Position = { step: 0, epoch: 0, batch: 0 };
  #lossSums: Record<string, number> = {};
  #history: EpochRecord[] = [];
  #lastCheckpoint: string | undefined;
  #lastCheckpointAt: Position | undefined;
  /** The epoch whose tests and figures are due and not done yet. */
  #pendingHooks: number | null = null;
  #imagesDone = 0;
  #sessionSteps = 0;
  #trainSeconds = 0;

  constructor(
    private readonly parts: TrainerParts,
    private readonly options: TrainerOptions,
  ) {}

  get position(): Position {
    return this.#position;
  }

  /** Goes on from a checkpoint: weights, optimizer, place in the data. */
  restore(checkpoint: Checkpoint & { readonly folder: string }): void {
    this.parts.model.loadWeights(checkpoint.model, checkpoint.folder);
    const state = new Map(
      Array.from(checkpoint.optimizer, ([name, { shape, data }]) => [
        name,
        tf.tensor(data, [...shape], data instanceof Float32Array ? 'float32' : 'int32'),
      ]),
    );
    this.parts.optimizer.loadState(state);
    tf.dispose([...state.values()]);
    this.#position = checkpoint.position;
    this.#lossSums = { ...checkpoint.lossSums };
    this.#history = [...checkpoint.history];
    this.#pendingHooks = checkpoint.pendingHooks;
    this.#lastCheckpoint = checkpoint.folder;
    this.#lastCheckpointAt = checkpoint.position;
  }

  /**
   * @param signal aborted: stops after the current step, with a checkpoint
   * @throws RunError when a loss is not finite, the disk is full, or the data is broken
   */
  async run(signal: AbortSignal): Promise<TrainOutcome> {
    try {
      return await this.#run(signal);
    } catch (error) {
      throw this.#withLastCheckpoint(explainDiskError(error, this.options.runDir, []));
    } finally {
      this.parts.progress.stop();
    }
  }

  async #run(signal: AbortSignal): Promise<TrainOutcome> {
    const { numEpochs } = this.options;
    if (this.#pendingHooks !== null) await this.#runHooks(this.#pendingHooks, this.#position.epoch >= numEpochs);
    while (this.#position.epoch < numEpochs) {
      const { epoch } = this.#position;
      await this.#trainEpoch(signal);
      if (this.#position.batch >= this.parts.train.batchesPerEpoch && !signal.aborted) {
        await this.#finishEpoch(epoch % this.options.valInterval === 0 || epoch === numEpochs - 1);
      }
      const epochIsDone = this.#position.epoch > epoch;
      const isLast = this.#position.epoch === numEpochs;
      const stopping = signal.aborted && !isLast;
      const hooksAreDue = epochIsDone || (stopping && this.#position.batch > 0);
      // a checkpoint before tests and figures: who sent a signal may not wait for them
      this.#pendingHooks = hooksAreDue ? epoch : null;
      if (stopping || isLast || (epochIsDone && epoch % this.options.checkpointInterval === 0))
        await this.#checkpoint();
      if (hooksAreDue) await this.#runHooks(epoch, stopping || isLast);
      this.parts.checkLog();
      if (stopping) return this.#outcome('stopped');
    }
    return this.#outcome('finished');
  }

  /** The rest of the current epoch's batches, or fewer when a stop is asked for. */
  async #trainEpoch(signal: AbortSignal): Promise<void> {
    const { train, progress } = this.parts;
    const { epoch, batch: firstBatch } = this.#position;
    if (firstBatch >= train.batchesPerEpoch || signal.aborted) return;
    const label = `Train ${epoch + 1}/${this.options.numEpochs}`;
    let last = performance.now();
    let started = false;
    for await (const batch of train.epoch(epoch, firstBatch)) {
      const values = await this.#step(batch);
      const now = performance.now();
      this.#trainSeconds += (now - last) / 1000;
      last = now;
      this.#imagesDone += batch.size;
      this.#sessionSteps += 1;
      if (!started) progress.start(label, train.batchesPerEpoch * batch.size, 'images', firstBatch * batch.size);
      started = true;
      const note = Object.entries(values).map(([key, value]) => `${key} ${value.toFixed(PROGRESS_DIGITS)}`);
      progress.update(this.#position.batch * batch.size, note.join(' '));
      const { checkpointSteps } = this.options;
      if (checkpointSteps !== null && this.#position.step % checkpointSteps === 0) {
        await this.#checkpoint();
        last = performance.now();
      }
      if (signal.aborted) break;
    }
    progress.stop();
  }

  async #step(batch: ImageBatch): Promise<LossValues> {
    const { model, losses, optimizer, scheduler, trackers, collapse } = this.parts;
    const { step, epoch, batch: batchIndex } = this.#position;
    const meter = collapse?.isDue(step) ? collapse : null;
    const learningRate = scheduler.learningRate(step, this.options.plan);
    const mode: Mode = { training: true, step };
    const images = batchTensor(batch, this.options.imageSize);
    let values: LossValues;
    try {
      values = trainStep({ model, losses, optimizer }, images, learningRate, mode, meter?.measure);
    } catch (error) {
      if (!(error instanceof NonFiniteLossError)) throw error;
      const first = firstNonFinite(model, losses, images, mode);
      throw new RunError(
        `Step ${step} (epoch ${epoch + 1}) gave a loss that is not finite: ${describeLosses(error.losses)}.`,
        `The first tensor that is not finite is: ${first}.`,
        ['optimizer.start_lr=SMALLER'],
      );
    } finally {
      images.dispose();
    }
    add(this.#lossSums, values);
    this.#position = { step: step + 1, epoch, batch: batchIndex + 1 };
    const metrics = Object.fromEntries(Object.entries(values).map(([key, value]) => [`${key}/train`, value]));
    Object.assign(metrics, { lr: learningRate }, meter?.report(step));
    for (const tracker of trackers) await tracker.log(metrics, { step, epoch });
    return values;
  }

  /** Validation where it is due, the epoch's record, and the step to the next epoch. */
  async #finishEpoch(validationIsDue: boolean): Promise<void> {
    const { step, epoch, batch } = this.#position;
    const val = validationIsDue ? await this.#validate() : {};
    const train = Object.fromEntries(Object.entries(this.#lossSums).map(([key, sum]) => [key, sum / batch]));
    this.#history.push({ epoch, train, val });
    const text = Object.entries(train).map(([key, value]) => {
      const ofVal = key in val ? ` val ${val[key]!.toFixed(4)}` : '';
      return `${key} train ${value.toFixed(4)}${ofVal}`;
    });
    this.parts.logger.info(`Epoch ${epoch + 1}/${this.options.numEpochs}: ${text.join(', ')}`);
    this.parts.collapse?.logLast();
    this.#lossSums = {};
    this.#position = { step, epoch: epoch + 1, batch: 0 };
  }

  async #validate(): Promise<LossValues> {
    const { model, losses, val, progress, trackers } = this.parts;
    const { step, epoch } = this.#position;
    progress.start(`Val ${epoch + 1}/${this.options.numEpochs}`, val.numSamples, 'images');
    const values = await validate({ model, losses }, val.epoch(epoch), this.options.imageSize, (done) => {
      progress.update(done);
    });
    progress.stop();
    if (Object.values(values).some((value) => !Number.isFinite(value))) {
      const broken = firstNonFiniteParameter(model.namedParameters());
      throw new RunError(
        `The validation after epoch ${epoch + 1} gave a loss that is not finite: ${describeLosses(values)}.`,
        broken === undefined
          ? 'All parameters are finite.'
          : `The first tensor that is not finite is: parameter ${broken}.`,
        ['optimizer.start_lr=SMALLER'],
      );
    }
    const metrics = Object.fromEntries(Object.entries(values).map(([key, value]) => [`${key}/val`, value]));
    for (const tracker of trackers) await tracker.log({ ...metrics, epoch }, { step, epoch });
    return values;
  }

  async #runHooks(epoch: number, always: boolean): Promise<void> {
    const { step } = this.#position;
    const { runDir, numEpochs } = this.options;
    const lastEpoch = this.#position.epoch >= numEpochs;
    for (const hook of this.parts.hooks) {
      if (!always && epoch % hook.interval !== 0) continue;
      const metrics = await hook.run({ epoch, step, runDir, lastEpoch });
      if (Object.keys(metrics).length === 0) continue;
      for (const tracker of this.parts.trackers) await tracker.log(metrics, { step, epoch });
    }
    this.#pendingHooks = null;
    if (this.#lastCheckpointAt === this.#position) await markHooksDone(this.#lastCheckpoint!);
  }

  async #checkpoint(): Promise<void> {
    if (this.#lastCheckpointAt === this.#position) return;
    const { model, optimizer, logger } = this.parts;
    // an update can overflow while the losses before it were finite; such weights must not push out good ones
    const broken = firstNonFiniteParameter(model.namedParameters());
    if (broken !== undefined) {
      throw new RunError(
        `Parameter ${broken} is not finite after step ${this.#position.step}; no checkpoint was written.`,
        undefined,
        ['optimizer.start_lr=SMALLER'],
      );
    }
    const folder = join(this.options.runDir, CHECKPOINTS);
    try {
      this.#lastCheckpoint = await saveCheckpoint(folder, {
        position: this.#position,
        lossSums: this.#lossSums,
        history: this.#history,
        pendingHooks: this.#pendingHooks,
        model: saved(model.namedParameters()),
        optimizer: saved(optimizer.state()),
      });
      this.#lastCheckpointAt = this.#position;
      await pruneCheckpoints(folder, this.options.keepCheckpoints);
    } catch (error) {
      throw explainDiskError(error, folder, []);
    }
    logger.debug(`Checkpoint ${relative(this.options.runDir, this.#lastCheckpoint)}`);
  }

  #outcome(status: TrainOutcome['status']): TrainOutcome {
    return {
      status,
      position: this.#position,
      history: this.#history,
      checkpoint: this.#lastCheckpoint!,
      sessionSteps: this.#sessionSteps,
      imagesPerSecond: this.#trainSeconds > 0 ? this.#imagesDone / this.#trainSeconds : 0,
    };
  }

  /** A RunError says what was saved and how to go on. */
  #withLastCheckpoint(error: unknown): unknown {
    if (!(error instanceof RunError)) return error;
    const lost =
      this.#lastCheckpoint === undefined
        ? 'No checkpoint had been written yet.'
        : `The last checkpoint is kept: ${this.#lastCheckpoint}.`;
    const resume = this.#lastCheckpoint === undefined ? [] : [`osc train --resume ${this.options.runDir}`];
    return new RunError(error.what, [error.why, lost].filter(Boolean).join(' '), [...error.hints, ...resume], {
      cause: error,
    });
  }
}
