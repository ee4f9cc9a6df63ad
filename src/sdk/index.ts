/**
 * `osc-trainer/sdk`: what every plugin may need: `@component` and its tokens, the contracts of the kinds, errors, seeded
 * randomness, modules. The other rooms are `osc-trainer/sdk/nn`, `/ops`, `/data`, `/metrics`, `/image` and `/testing`.
 */
import './gradients';

export { z } from 'zod';
export { component, manifestOf, type ComponentClass, type ComponentManifest } from './component';
export { COMPONENT_KINDS, type ComponentKind } from './kinds';
export {
  componentToken,
  DIMENSIONS,
  inject,
  LOGGER,
  NORMALIZATION,
  OPTIONS,
  POS_EMBED_DROPOUT,
  RANDOM,
} from './tokens';
export { isReportedError, RunError, UsageError, type ErrorReport, type ReportedError } from './errors';
export { silentProgress, type Logger, type Progress } from './logger';
export { RandomSource, RandomStream } from './random';
export { Module, type Initializer, type Mode, type NamedParameters } from './module';
export { decodeSafetensors, encodeSafetensors, type SavedTensor } from './safetensors';
export type {
  Architecture,
  Backbone,
  BackboneClass,
  BackboneOutput,
  Dimensions,
  ModelOutputs,
  ModelParts,
  ObjFn,
  ObjFnOutput,
  ObjQueries,
  Pooling,
  PosEmbed,
  Projection,
} from './contracts/model';
export type { LrPlan, LrScheduler, MetricPoint, NamedTensors, Optimizer, RunInfo, Tracker } from './contracts/training';
export type { BatchOutputs, Loss, LossInputs, MaskSource, Reduction } from './contracts/loss';
export type {
  Callback,
  CallbackState,
  EpochEnd,
  EvaluationRequest,
  LossTerm,
  StepEnd,
  TrainingRun,
} from './contracts/callback';
export type { Figure, FigureContext, NoPicture, Picture, ViewedModel } from './contracts/figure';
export type {
  CategoricalAttribute,
  Dataset,
  DatasetClass,
  DatasetVariation,
  GeneratedDataset,
  PreparableDataset,
  PreparedFile,
  PrepareFilesOptions,
  RawRecord,
  Sample,
  SplitName,
  VariationLevel,
} from './contracts/data';
export {
  endOfJob,
  THREADS_VARIABLE,
  type AttachedLauncher,
  type DetachedLauncher,
  type JobEnd,
  type JobWatch,
  type Launcher,
  type LaunchedSweep,
  type LaunchJob,
  type QueuedState,
} from './contracts/launch';
export {
  MAX_SWEEP_JOBS,
  type SearchDimension,
  type SearchInterval,
  type Sweeper,
  type SweptValue,
  type Trial,
} from './contracts/sweeper';
export type {
  CurvePlot,
  DatasetVariants,
  EvaluationContext,
  Evaluator,
  MetricDescription,
  PlotAxis,
  TestSample,
  TestSplit,
} from './contracts/evaluation';
export { CALLBACK_MOMENTS, unknownMoments, type CallbackMoment } from './callback-moments';
export { WatchedMetric, watchedMetricOptions, type WatchedMetricOptions, type WatchedValue } from './watched-metric';
export { requireSlots } from './require-slots';
export {
  collectRepresentations,
  forwardSamples,
  forwardTestBatches,
  forwardTestSplit,
  type ChooseOutput,
  type ForwardOptions,
  type TestRepresentations,
} from './test-batches';
export { trueMasks } from './true-masks';
export { measureBaselines, SplitDigest, UntrainedResults, type BaselineMeasurement } from './measure-baselines';
export { checkProbeSplit, ProbeAdamW, runProbeSteps, splitForProbe, type ProbeSteps } from './probes';
export { startPluginThread, type PluginThread } from './plugin-thread';
