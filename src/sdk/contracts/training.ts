/** Contracts of the parts of training: optimizer, learning rate, trackers. */
import type * as tf from '@tensorflow/tfjs-core';
import type { NamedParameters } from '../module';

/** Tensors by name; whoever receives the map owns the tensors. */
export type NamedTensors = ReadonlyMap<string, tf.Tensor>;

/** Kind `optimizer`. */
export interface Optimizer {
  /**
   * One update, in place. Disposes nothing that it was given.
   *
   * @param gradients by the names of `parameters`; a parameter without one is left as it is
   * @param learningRate of this step
   */
  step(parameters: NamedParameters, gradients: NamedTensors, learningRate: number): void;
  /** The state to save: views that stay the optimizer's own; empty before the first step. */
  state(): NamedTensors;
  /** Replaces the state by copies of these. */
  loadState(state: NamedTensors): void;
  dispose(): void;
}

/** What a schedule depends on besides its own options. */
export interface LrPlan {
  readonly startLr: number;
  /** Optimizer steps of warm-up. */
  readonly warmupSteps: number;
  /** Optimizer steps an epoch. */
  readonly stepsPerEpoch: number;
}

/** Kind `lr_scheduler`. */
export interface LrScheduler {
  /** Epochs after the warm-up until the schedule ends. */
  readonly epochs: number;
  /** The rate of optimizer step `step` (from 0), float64. */
  learningRate(step: number, plan: LrPlan): number;
}

/** Where a metric belongs. */
export interface MetricPoint {
  /** Optimizer steps done. */
  readonly step: number;
  readonly epoch: number;
}

export interface RunInfo {
  /** Absolute path of the run directory. */
  readonly dir: string;
  readonly name: string;
  /** The composed config. */
  readonly config: Readonly<Record<string, unknown>>;
  /**
   * Where this process starts: more than 0 when the run is resumed. What an earlier process logged for a later point
   * (`step >= firstStep` and `epoch >= firstEpoch`) will be logged again: a tracker drops it.
   */
  readonly firstStep: number;
  readonly firstEpoch: number;
}

/** Kind `tracker`. */
export interface Tracker {
  start(run: RunInfo): Promise<void>;
  /** Metric names are the reference's, e.g. `l_global/train`. */
  log(metrics: Readonly<Record<string, number>>, point: MetricPoint): Promise<void>;
  finish(status: 'finished' | 'stopped' | 'failed'): Promise<void>;
}
