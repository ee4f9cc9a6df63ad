/** A run on disk: its directory, lock, log, environment, checkpoints and evaluations. Written by training, read by all. */
export {
  isCheckpoint,
  listCheckpoints,
  finishEpochEnd,
  newestCheckpoint,
  pruneCheckpoints,
  readCheckpoint,
  saveCheckpoint,
  saveImportedCheckpoint,
  WEIGHTS_PREFIX,
  type CallbackStates,
  type Checkpoint,
  type CheckpointWeights,
  type EpochRecord,
  type Position,
} from './checkpoint';
export { CHECKPOINTS, checkRunPath, CONFIG_FILE, makeRunDirectory, newRunPath, OVERRIDES_FILE } from './directory';
export { writeEnvironment, type RunEnvironment } from './environment';
export {
  metricDescriptions,
  metricsOf,
  summariseEvaluations,
  writeEvaluationReport,
  writeEvaluations,
  type EvaluationRecord,
  type EvaluationReport,
  type FirstLastMetric,
} from './evaluations';
export { findRun, findRunToResume, type FoundRun } from './find-run';
export { formatOverrides, readOverrides, type SavedOverrides } from './overrides';
export { explainDiskError } from './explain-disk-error';
export { figurePath } from './figure-path';
export { lockRun } from './lock';
export { createRunLog, type RunLog } from './log';
export { randomRunName } from './run-name';
export { drawSeed } from './seeds';
export { openTrainedModel, type TrainedModel } from './trained-model';
