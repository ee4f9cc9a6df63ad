/** A run on disk: its directory, lock, log, environment, checkpoints and evaluations. Written by training, read by all. */
export {
  finishEpochEnd,
  readCheckpoint,
  saveCheckpoint,
  saveImportedCheckpoint,
  WEIGHTS_PREFIX,
  type CheckpointWeights,
} from './checkpoint';
export { isCheckpoint, listCheckpoints, newestCheckpoint, pruneCheckpoints } from './checkpoint-list';
export type { CallbackStates, Checkpoint, EpochRecord, Position } from './checkpoint-state';
export { CHECKPOINTS, checkRunPath, CONFIG_FILE, makeRunDirectory, newRunPath, OVERRIDES_FILE } from './directory';
export { compareCheckpoints, type CheckpointComparison } from './compare-checkpoints';
export { compareEnvironments, type EnvironmentDifference } from './compare-environments';
export { endSession, readEnvironment, writeEnvironment, type RunEnvironment, type RunSession } from './environment';
export {
  metricDescriptions,
  metricsOf,
  newestEvaluations,
  summariseEvaluations,
  writeEvaluationReport,
  writeEvaluations,
  type EvaluationRecord,
  type EvaluationReport,
  type FirstLastMetric,
} from './evaluations';
export { findRun, findRunToReplay, findRunToResume, type FoundRun } from './find-run';
export { findOneRun, findRuns, isSweep, MULTIRUN, runsUnder, SWEEP_FILE } from './find-runs';
export { formatOverrides, readOverrides, type SavedOverrides } from './overrides';
export { explainDiskError } from './explain-disk-error';
export { figurePath } from './figure-path';
export { lockRun, type RunLock } from './lock';
export { createRunLog, type RunLog } from './log';
export { planPrune, removeCheckpoints, type KeptCheckpoint, type PrunePlan } from './prune-plan';
export { randomRunName } from './run-name';
export { readRunFile } from './read-run-file';
export { readRun, type EvaluationPoint, type RunRecord } from './run-record';
export { readMetricCourse, type MetricCourse } from './metric-course';
export type { RunMetric } from './run-metrics';
export { readNotes, writeNotes, type RunNotes } from './run-notes';
export { readRunOverview, type RunOverview } from './run-overview';
export type { RunState } from './run-state';
export { drawSeed } from './seeds';
export { openTrainedModel, type TrainedModel } from './trained-model';
