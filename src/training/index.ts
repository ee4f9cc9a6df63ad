/** The training loop and nothing else: steps, epochs, backward, losses, validation, the moments callbacks are told of. */
export { Callbacks, type NamedCallback } from './callbacks';
export { Objective, type LossValues, type WeightedLoss } from './objective';
export {
  lossesAndGradients,
  NonFiniteLossError,
  trainedParameters,
  trainStep,
  type StepBatch,
  type StepOptions,
  type StepResult,
  type TrainableModel,
  type Trained,
  type TrainingState,
} from './step';
export { Trackers, type NamedTracker } from './trackers';
export { Trainer } from './trainer';
export type { EvaluationService, FigureService, TrainerOptions, TrainerParts, TrainOutcome } from './trainer-parts';
export { batchTensor, validate } from './validation';
