/** Contract of a callback: what happens at the moments of a run beside the steps themselves. */
import type * as tf from '@tensorflow/tfjs-core';
import type { Mode, NamedParameters } from '../module';
import type { MetricDescription } from './evaluation';
import type { MaskSource } from './loss';
import type { Dimensions, ModelOutputs } from './model';
import type { MetricPoint, NamedTensors } from './training';

/** One of the losses that are being made small. */
export interface LossTerm {
  /** Factor of the loss in the sum. May be set at any moment; what it is set to is saved in the checkpoint. */
  weight: number;
}

export interface EvaluationRequest {
  /** The run has trained for the last time: measure what is due only then, too. */
  readonly last?: boolean;
  /** Name of the callback whose weights are measured instead of those being trained (`ema`). */
  readonly weights?: string | null;
}

/** The run as a callback sees it. */
export interface TrainingRun {
  /** Absolute path of the run directory. */
  readonly dir: string;
  readonly name: string;
  /** Training goes on from a checkpoint; callbacks have their state of then. */
  readonly resumed: boolean;
  /** Optimizer steps done, and the epoch that they lead into. */
  readonly position: MetricPoint;
  readonly numEpochs: number;
  readonly stepsPerEpoch: number;
  readonly warmupSteps: number;
  readonly model: {
    readonly dimensions: Dimensions;
    readonly usesObjects: boolean;
    /** @param images `[2B, 3, H, W]`, normalised */
    forward(images: tf.Tensor4D, mode: Mode): ModelOutputs;
  };
  /** All that is trained: the model's parameters by name, those of losses as `losses.KEY.NAME`. */
  readonly parameters: NamedParameters;
  /** By key. */
  readonly losses: ReadonlyMap<string, LossTerm>;
  /** Masks of slots beside attention, one source for each loss that makes some. */
  readonly masks: readonly MaskSource[];
  /** Names of the run's callbacks, in their order. */
  readonly callbacks: readonly string[];
  /** What is known of metrics before they are measured: losses of both splits (`KEY/train`, `KEY/val`), and what evaluators say. */
  readonly metrics: Readonly<Record<string, MetricDescription>>;
  /** Metrics beside those of the present moment: of the step, or of the epoch. */
  log(metrics: Readonly<Record<string, number>>): void;
  /**
   * Ends training after the present epoch, as if it were the last one: where that is asked for at its end, callbacks are told of
   * the epoch again, now as the last one. The first reason counts.
   *
   * @param reason for the log and the summary
   */
  stop(reason: string): void;
  /** What `data.test` asks for; null where nothing is to be measured. */
  readonly evaluation: {
    /** `data.test.epoch_interval` */
    readonly epochInterval: number;
    /** Runs the evaluators, keeps and logs their metrics, and tells all callbacks. */
    run(request?: EvaluationRequest): Promise<Readonly<Record<string, number>>>;
  } | null;
  /** What `data.viz` asks for; null where nothing is to be drawn. */
  readonly figures: {
    /** `data.viz.epoch_interval` */
    readonly epochInterval: number;
    /** Draws the figures of the present model into the run directory. */
    draw(): Promise<void>;
  } | null;
  /**
   * Writes the run as it is now to `checkpoints/NAME`, beside those to resume from, which come and go; replaces what was there.
   *
   * @param name lower-case letters, digits and hyphens
   * @returns the folder
   */
  saveCheckpoint(name: string): Promise<string>;
}

/** An optimizer step that is done. */
export interface StepEnd {
  /** Index of the step. */
  readonly step: number;
  readonly epoch: number;
  readonly learningRate: number;
  /** Each loss before the update, unweighted, by key. */
  readonly losses: Readonly<Record<string, number>>;
  /** Global norm of the gradients, before clipping. */
  readonly gradNorm: number;
}

/** An epoch that is done. */
export interface EpochEnd {
  /** Index of the epoch. */
  readonly epoch: number;
  /** Mean losses by key. */
  readonly train: Readonly<Record<string, number>>;
  /** Empty where no validation was due. */
  readonly val: Readonly<Record<string, number>>;
  /** Training ends with this epoch. One that callbacks end is told of twice, the second time as the last one. */
  readonly last: boolean;
}

/** What a callback keeps from one process of a run to the next. */
export interface CallbackState {
  /** Anything JSON can hold, and gives back as it was: no NaN, no undefined. */
  readonly values?: Readonly<Record<string, unknown>>;
  /**
   * float32. Tensors named `weights.PARAMETER` for each parameter of the model are another set of its weights, which tests and
   * exports can use by the callback's name (`osc evaluate RUN --weights ema`). They stay the callback's own.
   */
  readonly tensors?: NamedTensors;
}

/**
 * Kind `callback`, listed in `training.callbacks`; called in that order. Its constructor may ask for `OPTIONS`, `DIMENSIONS`,
 * `NORMALIZATION`, `RANDOM` and `LOGGER`. What it throws ends the run, unless it is an {@link observer}.
 */
export interface Callback {
  /** It only looks: what it throws is reported once, and it is left out from then on. */
  readonly observer?: boolean;
  /** Before the first step of this process; state is loaded. */
  onStart?(run: TrainingRun): void | Promise<void>;
  /**
   * Shown the outputs of a training batch inside the forward pass; the tensors are gone when it returns.
   *
   * @param images of the batch, `[2B, 3, H, W]`, normalised, A-major
   */
  onForward?(run: TrainingRun, outputs: ModelOutputs, images: tf.Tensor4D): void;
  /**
   * Gradients of a step by the names of {@link TrainingRun.parameters}, clipped. May take entries out (such a parameter stays as it
   * is) and replace them; it disposes what it takes out or replaces.
   */
  onGradients?(run: TrainingRun, gradients: Map<string, tf.Tensor>): void;
  onStepEnd?(run: TrainingRun, step: StepEnd): void | Promise<void>;
  onEpochEnd?(run: TrainingRun, epoch: EpochEnd): void | Promise<void>;
  /** @param metrics of all evaluators, by name */
  onEvaluationEnd?(run: TrainingRun, metrics: Readonly<Record<string, number>>): void | Promise<void>;
  /** Training is finished, or stopped to be resumed. */
  onEnd?(run: TrainingRun, status: 'finished' | 'stopped'): void | Promise<void>;
  /** Saved in every checkpoint, so that a resumed run is equal to the bit to one never stopped. */
  state?(): CallbackState;
  /** Takes over a saved state, before {@link onStart}; copies the tensors. Not called where none was saved. @throws Error for a state it did not make */
  loadState?(state: CallbackState): void;
  /** Frees what it keeps. */
  dispose?(): void;
}
