/** What the trainer is given, and what it ends with. */
import type { BatchSource } from '../data';
import type { EpochRecord, Position } from '../run';
import type {
  Dimensions,
  EvaluationRequest,
  Logger,
  LrPlan,
  LrScheduler,
  MetricDescription,
  MetricPoint,
  Optimizer,
  Progress,
} from '../sdk';
import type { Callbacks } from './callbacks';
import type { Objective } from './objective';
import type { TrainableModel } from './step';
import type { Trackers } from './trackers';

/** Batches of one split, epoch by epoch. */
export type Batches = Pick<BatchSource, 'numSamples' | 'batchesPerEpoch' | 'epoch'>;

/** What measures a model that is being trained. */
export interface EvaluationService {
  readonly epochInterval: number;
  /** What the evaluators say of their metrics. */
  readonly metrics: Readonly<Record<string, MetricDescription>>;
  /** @returns metrics of what was not measured at this point before; they are kept in the run directory */
  run(point: MetricPoint, request: Required<EvaluationRequest>): Promise<Readonly<Record<string, number>>>;
}

/** What draws a model that is being trained. */
export interface FigureService {
  readonly epochInterval: number;
  draw(point: MetricPoint): Promise<void>;
}

export interface TrainerOptions {
  readonly runDir: string;
  readonly name: string;
  /** `[H, W]` of a crop. */
  readonly imageSize: readonly [number, number];
  readonly numEpochs: number;
  /** Batches of an optimizer step; the last one of an epoch may have fewer. */
  readonly accumulateBatches: number;
  /** Global norm that gradients are clipped to. */
  readonly clipGradNorm: number | null;
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
  readonly model: TrainableModel & { readonly dimensions: Dimensions; readonly usesObjects: boolean };
  readonly objective: Objective;
  readonly optimizer: Optimizer;
  readonly scheduler: LrScheduler;
  readonly train: Batches;
  readonly val: Batches;
  readonly trackers: Trackers;
  readonly callbacks: Callbacks;
  readonly evaluation: EvaluationService | null;
  readonly figures: FigureService | null;
  readonly logger: Logger;
  /** Throws what went wrong in writing the log, and where the run directory is not ours any more. */
  readonly checkRun: () => void;
  readonly progress: Progress;
}

export interface TrainOutcome {
  readonly status: 'finished' | 'stopped';
  /** Why a callback ended training before its last epoch. */
  readonly stopReason: string | null;
  readonly position: Position;
  readonly history: readonly EpochRecord[];
  readonly checkpoint: string;
  /** Steps of this process. */
  readonly sessionSteps: number;
  /** Images a second over the training steps of this process, waiting for data included. */
  readonly imagesPerSecond: number;
}
