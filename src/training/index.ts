export { buildModelTraining, type ModelTraining, type Seeds } from './build-parts';
export { train, type HookContext, type TrainRequest } from './train';
export type { TrainSummary, FirstLast } from './summary';
export { lossesAndGradients, NonFiniteLossError, trainStep, type TrainableModel, type TrainingState } from './step';
export { meanLosses, type LossValues, type WeightedLoss } from './objective';
export { batchTensor, validate, type ImageBatch } from './validation';
export { CONFIG_FILE, findRun, OVERRIDES_FILE } from './run-directory';
export { STOPPED_EXIT_CODE } from './stop-signals';
export type { EpochHook } from './trainer';
