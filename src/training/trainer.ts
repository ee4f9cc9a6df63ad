/** The training loop: epochs, validation, checkpoints, stops, and the moments callbacks are told of. */
import { existsSync } from 'node:fs';
import { join, relative } from 'node:path';
import type { ImageBatch } from '../data';
import {
  CHECKPOINTS,
  explainDiskError,
  finishEpochEnd,
  pruneCheckpoints,
  saveCheckpoint,
  type Checkpoint,
  type EpochRecord,
  type Position,
} from '../run';
import { RunError, type EvaluationRequest, type MetricPoint } from '../sdk';
import { RunView } from './run-view';
import { inGroups } from './in-groups';
import { firstNonFinite, firstNonFiniteParameter } from './non-finite';
import type { LossValues } from './objective';
import { NonFiniteLossError, trainedParameters, trainStep, type StepResult } from './step';
import { callbacksOf, restoreParts, tensorsOf } from './saved-parts';
import type { TrainerOptions, TrainerParts, TrainOutcome } from './trainer-parts';
import { batchTensor, validate } from './validation';
import { withWeights } from './weights';

const PROGRESS_DIGITS = 3;

export class Trainer {
  #position: Position = { step: 0, epoch: 0, batch: 0 };
  #lossSums: Record<string, number> = {};
  #history: readonly EpochRecord[] = [];
  #lastCheckpoint: { readonly folder: string; readonly position: Position } | undefined;
  /** The epoch whose end callbacks are to be told of, or to be told of again. */
  #pendingEpochEnd: Checkpoint['pendingEpochEnd'] = null;
  #stopReason: string | null = null;
  #resumed = false;
  /** Metrics that callbacks gave and no tracker has yet. */
  #pendingMetrics: Record<string, number> = {};
  #imagesDone = 0;
  #sessionSteps = 0;
  #trainSeconds = 0;
  readonly #run: RunView;

  constructor(
    private readonly parts: TrainerParts,
    private readonly options: TrainerOptions,
  ) {
    this.#run = this.#makeRun();
  }

  /** Where metrics go on: those that were logged from here on before a kill are logged again. */
  get firstPoint(): MetricPoint {
    return this.#point();
  }

  /** Goes on from a checkpoint: weights, optimizer, callbacks, place in the data. @throws UsageError where it does not fit */
  restore(checkpoint: Checkpoint & { readonly folder: string }): void {
    restoreParts(this.parts, checkpoint);
    this.#position = checkpoint.position;
    this.#lossSums = { ...checkpoint.lossSums };
    this.#history = checkpoint.history;
    this.#pendingEpochEnd = checkpoint.pendingEpochEnd;
    this.#stopReason = checkpoint.stopReason;
    this.#lastCheckpoint = checkpoint;
    this.#resumed = true;
  }

  /**
   * @param signal aborted: stops after the current step, with a checkpoint
   * @throws RunError when a loss is not finite, the disk is full, or the data is broken
   */
  async run(signal: AbortSignal): Promise<TrainOutcome> {
    try {
      const status = await this.#train(signal);
      await this.parts.callbacks.call('onEnd', this.#run, status);
      await this.#logPending(this.#position);
      return this.#outcome(status);
    } catch (error) {
      throw this.#withLastCheckpoint(explainDiskError(error, this.options.runDir, []));
    } finally {
      this.parts.progress.stop();
    }
  }

  async #train(signal: AbortSignal): Promise<TrainOutcome['status']> {
    const { callbacks, trackers } = this.parts;
    await callbacks.call('onStart', this.#run);
    if (this.#pendingEpochEnd !== null) {
      await trackers.log(this.#pendingEpochEnd.metrics, this.#point());
      await this.#endEpoch();
    }
    while (!this.#isOver()) {
      const { epoch } = this.#position;
      await this.#trainEpoch(signal);
      if (!signal.aborted) await this.#finishEpoch();
      // before tests and figures: who sent a signal may not wait for them; what is due is made up for on resume
      if (signal.aborted || this.#isOver() || epoch % this.options.checkpointInterval === 0) {
        await this.#checkpoint();
      }
      if (signal.aborted) return 'stopped';
      await this.#endEpoch();
      this.parts.checkRun();
    }
    return 'finished';
  }

  /** An epoch in which a callback asked for the end is finished first, also after a resume. */
  #isOver(): boolean {
    const { epoch, batch } = this.#position;
    return (this.#stopReason !== null && batch === 0) || epoch >= this.options.numEpochs;
  }

  /** The rest of the current epoch's batches, or fewer when a stop is asked for. */
  async #trainEpoch(signal: AbortSignal): Promise<void> {
    const { train, progress } = this.parts;
    const { epoch, batch: firstBatch } = this.#position;
    if (firstBatch >= train.batchesPerEpoch || signal.aborted) return;
    const label = `Train ${epoch + 1}/${this.options.numEpochs}`;
    let last = performance.now();
    let started = false;
    for await (const batches of inGroups(train.epoch(epoch, firstBatch), this.options.accumulateBatches)) {
      const { losses } = await this.#step(batches);
      const now = performance.now();
      this.#trainSeconds += (now - last) / 1000;
      last = now;
      const { size } = batches[0]!;
      this.#imagesDone += batches.reduce((sum, batch) => sum + batch.size, 0);
      this.#sessionSteps += 1;
      if (!started) progress.start(label, train.batchesPerEpoch * size, 'images', firstBatch * size);
      started = true;
      const note = Object.entries(losses).map(([key, value]) => `${key} ${value.toFixed(PROGRESS_DIGITS)}`);
      progress.update(this.#position.batch * size, note.join(' '));
      const { checkpointSteps } = this.options;
      if (checkpointSteps !== null && this.#position.step % checkpointSteps === 0) {
        await this.#checkpoint();
        last = performance.now();
      }
      if (signal.aborted) break;
    }
    progress.stop();
  }

  async #step(batches: readonly ImageBatch[]): Promise<StepResult> {
    const { scheduler, trackers, callbacks } = this.parts;
    const { step, epoch, batch } = this.#position;
    const learningRate = scheduler.learningRate(step, this.options.plan);
    const result = this.#update(batches, learningRate);
    const { losses, gradNorm } = result;
    for (const [key, value] of Object.entries(losses)) {
      this.#lossSums[key] = (this.#lossSums[key] ?? 0) + batches.length * value;
    }
    this.#position = { step: step + 1, epoch, batch: batch + batches.length };
    await callbacks.call('onStepEnd', this.#run, { step, epoch, learningRate, losses, gradNorm });
    const metrics = {
      ...named(losses, 'train'),
      ...named(result.metrics, 'train'),
      lr: learningRate,
      grad_norm: gradNorm,
    };
    await trackers.log({ ...metrics, ...this.#takePending() }, { step, epoch });
    return result;
  }

  #update(batches: readonly ImageBatch[], learningRate: number): StepResult {
    const { model, objective, optimizer, train, callbacks } = this.parts;
    const { step, epoch, batch: firstBatch } = this.#position;
    const batchesBefore = epoch * train.batchesPerEpoch + firstBatch;
    const numBatches = this.options.numEpochs * train.batchesPerEpoch;
    const stepBatches = batches.map((batch, i) => ({
      images: () => batchTensor(batch, this.options.imageSize),
      mode: { training: true, step: batchesBefore + i, progress: (batchesBefore + i) / numBatches },
    }));
    try {
      return trainStep({ model, objective, optimizer }, stepBatches, {
        learningRate,
        clipGradNorm: this.options.clipGradNorm,
        onForward: (outputs, images) => callbacks.callNow('onForward', this.#run, outputs, images),
        onGradients: (gradients) => callbacks.callNow('onGradients', this.#run, gradients),
      });
    } catch (error) {
      if (!(error instanceof NonFiniteLossError)) throw error;
      throw new RunError(
        `Step ${step} (epoch ${epoch + 1}) gave a loss that is not finite: ${describeLosses(error.losses)}.`,
        `The first tensor that is not finite is: ${firstNonFinite({ model, objective }, error.batch)}.`,
        ['optimizer.start_lr=SMALLER', 'training.clip_grad_norm=1'],
      );
    }
  }

  /** Validation where it is due, the epoch's record, and the step to the next epoch. */
  async #finishEpoch(): Promise<void> {
    const { step, epoch, batch } = this.#position;
    const isLast = this.#stopReason !== null || epoch === this.options.numEpochs - 1;
    const isValDue = isLast || epoch % this.options.valInterval === 0;
    const { losses: val, metrics } = isValDue ? await this.#validate(epoch) : { losses: {}, metrics: {} };
    const train = Object.fromEntries(Object.entries(this.#lossSums).map(([key, sum]) => [key, sum / batch]));
    this.#history = [...this.#history, { epoch, train, val }];
    const text = Object.entries(train).map(([key, value]) => {
      const ofVal = val[key] === undefined ? '' : ` val ${val[key].toFixed(4)}`;
      return `${key} train ${value.toFixed(4)}${ofVal}`;
    });
    this.parts.logger.info(`Epoch ${epoch + 1}/${this.options.numEpochs}: ${text.join(', ')}`);
    this.#lossSums = {};
    this.#position = { step, epoch: epoch + 1, batch: 0 };
    this.#pendingEpochEnd = { epoch, metrics };
  }

  /** @returns losses by key, and all that is logged */
  async #validate(epoch: number): Promise<{ losses: LossValues; metrics: Readonly<Record<string, number>> }> {
    const { model, objective, val, progress, trackers } = this.parts;
    progress.start(`Val ${epoch + 1}/${this.options.numEpochs}`, val.numSamples, 'images');
    const found = await validate({ model, objective }, val.epoch(epoch), this.options.imageSize, (done) =>
      progress.update(done),
    );
    const { losses } = found;
    progress.stop();
    if (!Object.values(losses).every(Number.isFinite)) {
      const broken = firstNonFiniteParameter(trainedParameters({ model, objective }));
      throw new RunError(
        `The validation after epoch ${epoch + 1} gave a loss that is not finite: ${describeLosses(losses)}.`,
        broken === undefined
          ? 'All parameters are finite.'
          : `The first tensor that is not finite is: parameter ${broken}.`,
        ['optimizer.start_lr=SMALLER'],
      );
    }
    const metrics = { ...named(losses, 'val'), ...named(found.metrics, 'val'), epoch };
    await trackers.log(metrics, { step: this.#position.step, epoch });
    return { losses, metrics };
  }

  /** Tells callbacks of the end of an epoch: the one that is pending. Where one of them ends training, of the last one too. */
  async #endEpoch(): Promise<void> {
    const { callbacks } = this.parts;
    const last = this.#isOver();
    await callbacks.call('onEpochEnd', this.#run, { ...this.#history.at(-1)!, last });
    if (!last && this.#isOver()) {
      await this.#validateLast();
      await this.#checkpoint();
      await callbacks.call('onEpochEnd', this.#run, { ...this.#history.at(-1)!, last: true });
    }
    await this.#logPending(this.#point());
    this.#pendingEpochEnd = null;
    const saved = this.#lastCheckpoint;
    if (saved?.position === this.#position) await finishEpochEnd(saved.folder, this.#ofCallbacks());
  }

  /** A last epoch is validated, also one that was not known to be the last. */
  async #validateLast(): Promise<void> {
    const { epoch, train, val } = this.#history.at(-1)!;
    if (Object.keys(val).length > 0) return;
    const { losses, metrics } = await this.#validate(epoch);
    this.#history = [...this.#history.slice(0, -1), { epoch, train, val: losses }];
    this.#pendingEpochEnd = { epoch, metrics };
  }

  async #evaluate({ last = false, weights = null }: EvaluationRequest): Promise<Readonly<Record<string, number>>> {
    const { model, callbacks, trackers, evaluation } = this.parts;
    const point = this.#point();
    const measure = async (): Promise<Readonly<Record<string, number>>> =>
      (await evaluation?.run(point, { last, weights })) ?? {};
    const metrics =
      weights === null
        ? await measure()
        : await withWeights(model.namedParameters(), callbacks.weightsOf(weights), measure);
    if (Object.keys(metrics).length === 0) return metrics;
    await trackers.log(metrics, point);
    await callbacks.call('onEvaluationEnd', this.#run, metrics);
    return metrics;
  }

  async #checkpoint(): Promise<void> {
    if (this.#lastCheckpoint?.position === this.#position) return;
    const folder = join(this.options.runDir, CHECKPOINTS);
    const written = await this.#save();
    this.#lastCheckpoint = { folder: written, position: this.#position };
    await pruneCheckpoints(folder, this.options.keepCheckpoints);
    this.parts.logger.debug(`Checkpoint ${relative(this.options.runDir, written)}`);
  }

  /** @returns the folder */
  async #save(name?: string): Promise<string> {
    const folder = join(this.options.runDir, CHECKPOINTS);
    const checkpoint: Checkpoint = {
      position: this.#position,
      lossSums: this.#lossSums,
      pendingEpochEnd: this.#pendingEpochEnd,
      ...tensorsOf(this.parts, this.#position.step),
      ...this.#ofCallbacks(),
    };
    try {
      return await saveCheckpoint(folder, checkpoint, name);
    } catch (error) {
      throw explainDiskError(error, folder, []);
    }
  }

  /** What callbacks keep and decide; a validation that one of them asked for by ending training. */
  #ofCallbacks(): Pick<Checkpoint, 'callbacks' | 'lossWeights' | 'stopReason' | 'history'> {
    return { ...callbacksOf(this.parts), stopReason: this.#stopReason, history: this.#history };
  }

  #takePending(): Record<string, number> {
    const metrics = this.#pendingMetrics;
    this.#pendingMetrics = {};
    return metrics;
  }

  async #logPending({ step, epoch }: MetricPoint): Promise<void> {
    await this.parts.trackers.log(this.#takePending(), { step, epoch });
  }

  /** At the end of an epoch the position is already that of the next one. */
  #point(): MetricPoint {
    return { step: this.#position.step, epoch: this.#pendingEpochEnd?.epoch ?? this.#position.epoch };
  }

  #makeRun(): RunView {
    const { model, objective, callbacks, evaluation, figures } = this.parts;
    const { runDir, name, numEpochs, plan } = this.options;
    const facts = {
      dir: runDir,
      name,
      numEpochs,
      stepsPerEpoch: plan.stepsPerEpoch,
      warmupSteps: plan.warmupSteps,
      model,
      objective,
      callbacks: callbacks.names,
      evaluationMetrics: evaluation?.metrics ?? {},
      evaluationInterval: evaluation?.epochInterval ?? null,
      figureInterval: figures?.epochInterval ?? null,
    };
    return new RunView(facts, {
      position: () => this.#position,
      resumed: () => this.#resumed,
      log: (metrics) => void Object.assign(this.#pendingMetrics, metrics),
      stop: (reason) => this.#stop(reason),
      evaluate: (request) => this.#evaluate(request),
      draw: async () => figures?.draw(this.#point()),
      saveCheckpoint: (checkpointName) => {
        checkCheckpointName(checkpointName);
        return this.#save(checkpointName);
      },
    });
  }

  #stop(reason: string): void {
    if (this.#stopReason !== null) return;
    this.#stopReason = reason;
    this.parts.logger.info(`Training ends after epoch ${this.#point().epoch + 1}: ${reason}`);
  }

  #outcome(status: TrainOutcome['status']): TrainOutcome {
    return {
      status,
      stopReason: this.#stopReason,
      position: this.#position,
      history: this.#history,
      checkpoint: this.#lastCheckpoint!.folder,
      sessionSteps: this.#sessionSteps,
      imagesPerSecond: this.#trainSeconds > 0 ? this.#imagesDone / this.#trainSeconds : 0,
    };
  }

  /** A RunError says what was saved and how to go on. */
  #withLastCheckpoint(error: unknown): unknown {
    if (!(error instanceof RunError)) return error;
    const saved = this.#lastCheckpoint;
    // what removed the run directory took it along
    if (saved !== undefined && !existsSync(saved.folder)) return error;
    const lost =
      saved === undefined ? 'No checkpoint had been written yet.' : `The last checkpoint is kept: ${saved.folder}.`;
    const resume = saved === undefined ? [] : [`osc train --resume ${this.options.runDir}`];
    return new RunError(error.what, [error.why, lost].filter(Boolean).join(' '), [...error.hints, ...resume], {
      cause: error,
    });
  }
}

/** `l_global` to `l_global/train`. */
function named(values: LossValues, split: 'train' | 'val'): Record<string, number> {
  return Object.fromEntries(Object.entries(values).map(([key, value]) => [`${key}/${split}`, value]));
}

/** Names of checkpoints become names of folders beside those to resume from (`epoch-…`). */
function checkCheckpointName(name: string): void {
  if (/^[a-z0-9]+(-[a-z0-9]+)*$/.test(name) && !name.startsWith('epoch-')) return;
  throw new Error(`"${name}" is no name for a checkpoint: lower-case letters, digits and hyphens, and not epoch-….`);
}

function describeLosses(values: LossValues): string {
  return Object.entries(values)
    .map(([key, value]) => `${key} is ${value}`)
    .join(', ');
}
