import type * as tf from '@tensorflow/tfjs-core';
import type {
  Dimensions,
  EvaluationRequest,
  MetricDescription,
  MetricPoint,
  Mode,
  ModelOutputs,
  TrainingRun,
} from '../sdk';
import type { Objective } from './objective';
import { trainedParameters, type TrainableModel } from './step';

/** What stays the same for a whole run. */
export interface RunFacts {
  readonly dir: string;
  readonly name: string;
  readonly numEpochs: number;
  readonly stepsPerEpoch: number;
  readonly warmupSteps: number;
  readonly model: TrainableModel & { readonly dimensions: Dimensions; readonly usesObjects: boolean };
  readonly objective: Objective;
  readonly callbacks: readonly string[];
  /** What evaluators say of their metrics. */
  readonly evaluationMetrics: Readonly<Record<string, MetricDescription>>;
  /** Intervals in epochs; null where there is nothing to measure, or to draw. */
  readonly evaluationInterval: number | null;
  readonly figureInterval: number | null;
}

/** What the trainer answers for. */
export interface RunActions {
  position(): MetricPoint;
  resumed(): boolean;
  log(metrics: Readonly<Record<string, number>>): void;
  stop(reason: string): void;
  evaluate(request: EvaluationRequest): Promise<Readonly<Record<string, number>>>;
  draw(): Promise<void>;
  saveCheckpoint(name: string): Promise<string>;
}

/** The run as callbacks see it: what they may read, and what they may ask for. */
export class RunView implements TrainingRun {
  readonly dir: string;
  readonly name: string;
  readonly numEpochs: number;
  readonly stepsPerEpoch: number;
  readonly warmupSteps: number;
  readonly model: TrainingRun['model'];
  readonly losses: TrainingRun['losses'];
  readonly masks: TrainingRun['masks'];
  readonly callbacks: readonly string[];
  readonly metrics: TrainingRun['metrics'];
  readonly evaluation: TrainingRun['evaluation'];
  readonly figures: TrainingRun['figures'];
  readonly #facts: RunFacts;
  readonly #actions: RunActions;

  constructor(facts: RunFacts, actions: RunActions) {
    this.#facts = facts;
    this.#actions = actions;
    this.dir = facts.dir;
    this.name = facts.name;
    this.numEpochs = facts.numEpochs;
    this.stepsPerEpoch = facts.stepsPerEpoch;
    this.warmupSteps = facts.warmupSteps;
    const { model, objective, evaluationInterval, figureInterval } = facts;
    this.model = {
      dimensions: model.dimensions,
      usesObjects: model.usesObjects,
      forward: (images: tf.Tensor4D, mode: Mode): ModelOutputs => model.forward(images, mode),
    };
    this.losses = objective.terms;
    this.masks = objective.maskSources;
    this.callbacks = facts.callbacks;
    this.metrics = { ...lossMetrics(objective), ...facts.evaluationMetrics };
    this.evaluation =
      evaluationInterval === null
        ? null
        : { epochInterval: evaluationInterval, run: (request = {}) => actions.evaluate(request) };
    this.figures = figureInterval === null ? null : { epochInterval: figureInterval, draw: () => actions.draw() };
  }

  get parameters(): TrainingRun['parameters'] {
    return trainedParameters(this.#facts);
  }

  get position(): MetricPoint {
    return this.#actions.position();
  }

  get resumed(): boolean {
    return this.#actions.resumed();
  }

  log(metrics: Readonly<Record<string, number>>): void {
    this.#actions.log(metrics);
  }

  stop(reason: string): void {
    this.#actions.stop(reason);
  }

  saveCheckpoint(name: string): Promise<string> {
    return this.#actions.saveCheckpoint(name);
  }
}

/** `l_global/train`, `l_global/val`. */
function lossMetrics({ terms }: Objective): Record<string, MetricDescription> {
  const names = [...terms.keys()].flatMap((key) => [`${key}/train`, `${key}/val`]);
  return Object.fromEntries(names.map((name) => [name, { label: name, better: 'lower' }]));
}
