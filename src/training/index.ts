/** The training loop and nothing else: steps, epochs, backward, losses, validation. */
export { lossesAndGradients, NonFiniteLossError, trainStep, type TrainableModel, type TrainingState } from './step';
export { CollapseMeter, type CollapseSettings } from './collapse-meter';
export { meanLosses, type LossValues, type WeightedLoss } from './objective';
export { Trainer, type EpochHook, type TrainOutcome } from './trainer';
export { batchTensor, validate, type ImageBatch } from './validation';
