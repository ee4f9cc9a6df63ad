/** A run for callbacks under test: the moments of a training, with random gradients and made-up metrics. */
import * as tf from '@tensorflow/tfjs-core';
import { CALLBACK_MOMENTS } from '../callback-moments';
import type { Callback, EpochEnd, LossTerm, StepEnd, TrainingRun } from '../contracts/callback';
import type { MetricDescription } from '../contracts/evaluation';
import type { Dimensions, ModelOutputs } from '../contracts/model';
import { assert, assertFinite, assertShape } from './assert';
import { randomTensor } from './gradients';

const ROWS = 4; // 2B
const SLOTS = 3; // S
const EPOCHS = 3;
const STEPS_PER_EPOCH = 2;
const LEARNING_RATE = 0.1;
const LOSSES = ['l_global', 'l_objects'];
const SHAPES: Readonly<Record<string, readonly number[]>> = {
  'backbone.patch_embed.weight': [3, 4],
  'backbone.norm.bias': [4],
  'global_fn.scale': [],
  'losses.l_objects.decoder.weight': [2, 3],
};

/** What happens in a run, one after the other: each step, and the end of each epoch. */
export const EVENTS: readonly { readonly step?: number; readonly epoch: number }[] = Array.from(
  { length: EPOCHS },
  (_, epoch) => [
    ...Array.from({ length: STEPS_PER_EPOCH }, (__, i) => ({ step: epoch * STEPS_PER_EPOCH + i, epoch })),
    { epoch },
  ],
).flat();

export interface FakeRunOptions {
  readonly dir: string;
  readonly dimensions: Dimensions;
  readonly usesObjects?: boolean;
  /** Whether there is something to measure and to draw. */
  readonly measures?: boolean;
}

/** What a run is, but for its callback: a checkpoint has it. */
export interface FakeCheckpoint {
  readonly parameters: ReadonlyMap<string, tf.Tensor>;
  readonly lossWeights: ReadonlyMap<string, number>;
  readonly stopReason: string | null;
}

export class FakeRun implements TrainingRun {
  readonly name = 'brave-otter';
  readonly masks: TrainingRun['masks'] = [
    {
      name: LOSSES[0]!,
      masks: ({ images }) => tf.fill([images.shape[0], 2, images.shape[2], images.shape[3]], 0.5),
    },
  ];
  readonly numEpochs = EPOCHS;
  readonly stepsPerEpoch = STEPS_PER_EPOCH;
  readonly warmupSteps = 1;
  readonly callbacks: readonly string[] = ['under-test'];
  readonly parameters = new Map<string, tf.Variable>();
  readonly losses: ReadonlyMap<string, LossTerm>;
  readonly metrics: Readonly<Record<string, MetricDescription>>;
  readonly dir: string;
  readonly model: TrainingRun['model'];
  readonly evaluation: TrainingRun['evaluation'];
  readonly figures: TrainingRun['figures'];
  /** All that was logged, asked for and said, in order. */
  readonly journal: string[] = [];
  readonly resumed: boolean;
  position = { step: 0, epoch: 0 };
  #stopReason: string | null;
  #hasEnded = false;
  #isStarted = false;

  constructor(
    private readonly callback: Callback,
    { dir, dimensions, usesObjects = true, measures = true }: FakeRunOptions,
    from?: FakeCheckpoint,
  ) {
    this.dir = dir;
    this.resumed = from !== undefined;
    this.#stopReason = from?.stopReason ?? null;
    for (const [i, [name, shape]] of Object.entries(SHAPES).entries()) {
      const value = (): tf.Tensor => tf.mul(from?.parameters.get(name) ?? randomTensor(shape, 31 + i), 1);
      this.parameters.set(
        name,
        tf.tidy(() => tf.variable(value())),
      );
    }
    this.losses = new Map(LOSSES.map((key) => [key, { weight: from?.lossWeights.get(key) ?? 1 }]));
    this.metrics = {
      ...Object.fromEntries(
        LOSSES.flatMap((key) =>
          ['train', 'val'].map((split) => [`${key}/${split}`, { label: key, better: 'lower' as const }]),
        ),
      ),
      ...(measures && { 'test/score': { label: 'Score', better: 'higher' } }),
    };
    this.model = {
      dimensions,
      usesObjects,
      forward: (_, { attention = false }) => this.#outputs(this.position.step, attention),
    };
    this.evaluation = measures ? { epochInterval: 1, run: () => this.#evaluate() } : null;
    this.figures = measures ? { epochInterval: 1, draw: () => Promise.resolve(this.#note('draw')) } : null;
  }

  /** The callback has ended training, and the epoch is over. */
  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  log(metrics: Readonly<Record<string, number>>): void {
    this.#note(`log ${JSON.stringify(metrics)}`);
  }

  stop(reason: string): void {
    this.#note(`stop ${reason}`);
    this.#stopReason ??= reason;
  }

  saveCheckpoint(name: string): Promise<string> {
    this.#note(`checkpoint ${name}`);
    return Promise.resolve(`${this.dir}/checkpoints/${name}`);
  }

  /** The events `from` to `to` of {@link EVENTS}, or as many as there are until the callback ends training. */
  async play(from: number, to: number): Promise<void> {
    this.position = positionAt(from);
    if (!this.#isStarted) await this.callback.onStart?.(this);
    this.#isStarted = true;
    for (const { step, epoch } of EVENTS.slice(from, to)) {
      if (this.#hasEnded) return;
      if (step !== undefined) await this.#step(step, epoch);
      else await this.#endEpoch(epoch);
    }
  }

  async end(status: 'finished' | 'stopped'): Promise<void> {
    await this.callback.onEnd?.(this, status);
  }

  checkpoint(): FakeCheckpoint {
    return {
      parameters: new Map(
        Array.from(this.parameters, ([name, variable]) => [name, tf.tidy(() => tf.mul(variable, 1))]),
      ),
      lossWeights: new Map(Array.from(this.losses, ([key, { weight }]) => [key, weight])),
      stopReason: this.#stopReason,
    };
  }

  dispose(): void {
    tf.dispose([...this.parameters.values()]);
  }

  async #step(step: number, epoch: number): Promise<void> {
    this.position = { step, epoch };
    tf.tidy(() => {
      const images = randomTensor<tf.Rank.R4>([ROWS, 3, ...this.model.dimensions.imageSize], 6000 + step);
      this.callback.onForward?.(this, this.#outputs(step), images);
    });
    const gradients = new Map<string, tf.Tensor>(
      Object.entries(SHAPES).map(([name, shape], i) => [name, randomTensor(shape, 100 + 10 * step + i)]),
    );
    this.callback.onGradients?.(this, gradients);
    for (const [name, gradient] of gradients) {
      const parameter = this.parameters.get(name);
      assert(parameter !== undefined, `onGradients added a gradient of "${name}", which is no parameter.`);
      assert(!gradient.isDisposed, `onGradients disposed the gradient of "${name}", and left it in.`);
      assertShape(gradient, parameter.shape, `the gradient of "${name}" after onGradients`);
      assertFinite(gradient, `The gradient of "${name}" after onGradients`);
      tf.tidy(() => parameter.assign(tf.sub(parameter, tf.mul(gradient, LEARNING_RATE))));
    }
    tf.dispose([...gradients.values()]);
    this.position = { step: step + 1, epoch };
    const losses = Object.fromEntries(LOSSES.map((key, i) => [key, madeUp(step, i)]));
    const end: StepEnd = { step, epoch, learningRate: LEARNING_RATE, losses, gradNorm: 1.5 };
    await this.callback.onStepEnd?.(this, end);
  }

  async #endEpoch(epoch: number): Promise<void> {
    const of = (from: number): Record<string, number> =>
      Object.fromEntries(LOSSES.map((key, i) => [key, madeUp(epoch, from + i)]));
    this.position = { step: (epoch + 1) * STEPS_PER_EPOCH, epoch: epoch + 1 };
    const last = this.#stopReason !== null || epoch === EPOCHS - 1;
    const end: EpochEnd = { epoch, train: of(2), val: of(4), last };
    await this.callback.onEpochEnd?.(this, end);
    if (!last && this.#stopReason !== null) await this.callback.onEpochEnd?.(this, { ...end, last: true });
    if (this.evaluation !== null) await this.#evaluate();
    this.#hasEnded = this.#stopReason !== null;
  }

  async #evaluate(): Promise<Readonly<Record<string, number>>> {
    const metrics = { 'test/score': madeUp(this.position.step, 6) };
    this.#note('evaluation');
    await this.callback.onEvaluationEnd?.(this, metrics);
    return metrics;
  }

  /** Of a batch; they belong to who asks, in a tidy. */
  #outputs(step: number, attention = false): ModelOutputs {
    const { numTokens, embedDim } = this.model.dimensions;
    const slots = (seed: number): tf.Tensor3D | null =>
      this.model.usesObjects ? randomTensor([ROWS, SLOTS, embedDim], seed + step) : null;
    return {
      fBackbone: randomTensor([ROWS, numTokens, embedDim], 1000 + step),
      fGlobal: randomTensor([ROWS, embedDim], 2000 + step),
      pGlobal: randomTensor([ROWS, embedDim], 3000 + step),
      fSlots: slots(4000),
      pSlots: slots(5000),
      ...(attention && { attention: { backbone: [], objects: this.model.usesObjects ? [this.#map(step)] : [] } }),
    } as ModelOutputs;
  }

  /** Of slots, a distribution over them for each token. */
  #map(step: number): tf.Tensor3D {
    const shares = tf.softmax(randomTensor<tf.Rank.R3>([ROWS, this.model.dimensions.numTokens, SLOTS], 7000 + step));
    return tf.transpose(shares, [0, 2, 1]);
  }

  #note(what: string): void {
    this.journal.push(`${this.position.step}/${this.position.epoch} ${what}`);
  }
}

/** Where a run stands that has `done` events behind it. */
function positionAt(done: number): { step: number; epoch: number } {
  const before = EVENTS[done - 1];
  if (before === undefined) return { step: 0, epoch: 0 };
  const { step, epoch } = before;
  return step === undefined ? { step: (epoch + 1) * STEPS_PER_EPOCH, epoch: epoch + 1 } : { step: step + 1, epoch };
}

/** Values that rise and fall. */
function madeUp(index: number, salt: number): number {
  return 1 + Math.sin(12.9898 * index + 78.233 * salt);
}

/** For messages. */
export const MOMENT_NAMES = Object.keys(CALLBACK_MOMENTS).join(', ');
