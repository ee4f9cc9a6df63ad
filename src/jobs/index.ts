/**
 * The main entry of the package: what every command of `osc` does, as a function that a script can call (docs/library.md).
 *
 * Nothing is printed and no signal is listened to: lines of the log go to `onLog`, how far the work is to `progress`, and a
 * `signal` stops it. All throw a {@link UsageError} for what the caller can mend and a {@link RunError} where the world fails
 * in the middle. Code is loaded when it is called for: listing plugins loads no TensorFlow.js.
 */
import type { Diagnosis } from '../engine/doctor';
import type { InstallOutcome } from '../engine/tensorflow/install/install';
import type { FileDescription, SynthesizedFile } from '../data/files';
import type { JsonSchema } from '../config';
import type { PreparedFile, Sample } from '../sdk';
import type { ComposedConfig } from './compose-config';
import type { ConfigGroup, ConfigGroupsInput } from './config-groups';
import type { DescribeDataInput } from './describe-data';
import type { EvaluatedModel, EvaluateInput } from './evaluate';
import type { ExportedModel, ExportInput } from './export';
import type { ImportedWeights, ImportInput } from './import';
import type { ProjectInput } from './input';
import type { Inspection, InspectPluginInput } from './inspect-plugin';
import type { InstallEngineInput } from './install-engine';
import type { ListedPlugins, ListPluginsInput } from './list-plugins';
import type { OpenedModel, OpenModelInput } from './open-model';
import type { PrepareDataInput } from './prepare-data';
import type { ReadSampleInput } from './read-sample';
import type { ShownSample, ShowSampleInput } from './show-sample';
import type { PreparedSweep, SweepOptions, SweepResult } from './sweep/prepared-sweep';
import type { RunSweepJobInput } from './sweep/run-job';
import type { SweepInput } from './sweep/prepare-sweep';
import type { SweepFolderInput } from './sweep/open-sweep';
import type { StopSweepInput } from './sweep/stop-sweep';
import type { SweepLog, SweepLogsInput } from './sweep/sweep-logs';
import type { SweepStatus } from './sweep/sweep-status';
import type { SynthesizeDataInput } from './synthesize-data';
import type { PreparedReplay, ReplayedTraining, ReplayInput as PreparedReplayInput } from './train/prepare-replay';
import type { CompareRunsInput, Comparison } from './runs/compare-runs';
import type { DiffRunsInput, RunsDiff } from './runs/diff-runs';
import type { ComparisonFormat, FormatOptions } from './runs/format-comparison';
import type { ListedRuns, ListRunsInput } from './runs/list-runs';
import type { NotedRun, NoteRunInput, TagRunInput } from './runs/note-run';
import type { PrunedRuns, PruneRunsInput } from './runs/prune-runs';
import type { FinishedTraining, PreparedTraining, StartOptions, TrainingInput } from './train/prepare-training';

export { PluginError, RunError, UsageError } from '../sdk/errors';
export type { JsonSchema, OscConfig } from '../config';
export type { FieldDescription } from '../data/files';
export type { EngineInfo } from '../engine';
export type { OptionDescription } from '../registry/describe-options';
export type {
  EnvironmentDifference,
  EvaluationRecord,
  EvaluationReport,
  FirstLastMetric,
  KeptCheckpoint,
  PrunePlan,
  RunMetric,
  RunNotes,
  RunState,
} from '../run';
export type { Dimensions, ModelOutputs, Progress, Sample } from '../sdk';
export type { ComponentEntry } from '../sdk/catalog';
export type { RgbImage } from '../sdk/image';
export type { ComponentKind } from '../sdk/kinds';
export type { FolderInput, ProjectInput, Reporting, Stoppable, TrainedInput } from './input';
export type {
  CompareRunsInput,
  Comparison,
  ComparisonFormat,
  ComposedConfig,
  ConfigGroup,
  ConfigGroupsInput,
  DescribeDataInput,
  Diagnosis,
  DiffRunsInput,
  EvaluatedModel,
  EvaluateInput,
  ExportedModel,
  ExportInput,
  FileDescription,
  FinishedTraining,
  FormatOptions,
  ImportedWeights,
  ImportInput,
  Inspection,
  InspectPluginInput,
  InstallEngineInput,
  InstallOutcome,
  ListedPlugins,
  ListedRuns,
  ListPluginsInput,
  ListRunsInput,
  NotedRun,
  NoteRunInput,
  OpenedModel,
  OpenModelInput,
  PreparedFile,
  PrepareDataInput,
  PreparedReplay,
  PreparedReplayInput,
  PreparedSweep,
  PreparedTraining,
  PrunedRuns,
  PruneRunsInput,
  ReadSampleInput,
  ReplayedTraining,
  RunsDiff,
  RunSweepJobInput,
  ShownSample,
  ShowSampleInput,
  StartOptions,
  StopSweepInput,
  SweepFolderInput,
  SweepInput,
  SweepLog,
  SweepLogsInput,
  SweepOptions,
  SweepResult,
  SweepStatus,
  SynthesizeDataInput,
  SynthesizedFile,
  TagRunInput,
  TrainingInput,
};
export type { DatasetInput } from './open-dataset';
export type { ForwardOptions, NumberArray, Representation, RepresentOptions } from './open-model';
export type { RegistryInput } from './open-registry';
export type { ChosenMetric } from './runs/choose-metrics';
export type { ComparedMetric, ComparedRow, Moment } from './runs/compare-runs';
export type { DiffedKey, DiffedMetric, DiffedRun } from './runs/diff-runs';
export type { ListedRun } from './runs/list-runs';
export type { DrawnPlot } from './runs/plot-metric';
export type { PrunedRun } from './runs/prune-runs';
export type { BrokenRun, RunsInput } from './runs/read-runs';
export type { Summary } from './results/statistics';
export type { ReplayComparison } from './train/prepare-replay';
export type { JobView } from './sweep/sweep-jobs';
export type { SweepJobResult } from './sweep/prepared-sweep';
export type { SweepJobStatus } from './sweep/sweep-status';
export type { FirstLast, TrainSummary } from './train/summary';

/** What {@link train} takes. */
export type TrainInput = TrainingInput & StartOptions;

/**
 * Trains a model: a new run, or with `resume` one that was stopped.
 *
 * @returns where the run lies, what its losses were, and what was measured on the test split
 * @throws UsageError before a run directory is made
 * @throws RunError when the disk is full, the data is broken or a loss is not finite; it says what was saved and how to go on
 */
export async function train(input: TrainInput = {}): Promise<FinishedTraining> {
  const prepared = await prepareTraining(input);
  return prepared.train(input);
}

/**
 * Checks all that {@link train} takes and composes the config, without training and without making a folder: to look at the
 * config first.
 */
export async function prepareTraining(input: TrainingInput = {}): Promise<PreparedTraining> {
  return (await import('./train/prepare-training.js')).prepareTraining(input);
}

/**
 * Trains a run for each combination of the choices that the overrides give: `['seeds=0..4', 'model.obj_fn.num_iters=1,2']` are ten.
 *
 * @returns what became of each job; one that fails is a part of it
 * @throws UsageError for what is wrong in the config of any job, before one starts
 * @throws RunError when the sweep folder cannot be written, or the launcher's queue cannot be asked
 */
export async function sweep(input: SweepInput & SweepOptions): Promise<SweepResult> {
  const prepared = await prepareSweep(input);
  return prepared.start(input);
}

/** Checks all that {@link sweep} takes and composes the config of every job, without making a folder. */
export async function prepareSweep(input: SweepInput): Promise<PreparedSweep> {
  return (await import('./sweep/prepare-sweep.js')).prepareSweep(input);
}

/** The jobs of a sweep that are not finished, to be gone on with. */
export async function prepareSweepResume(input: SweepFolderInput): Promise<PreparedSweep> {
  return (await import('./sweep/resume-sweep.js')).prepareSweepResume(input);
}

/** How the jobs of a sweep stand. */
export async function sweepStatus(input: SweepFolderInput): Promise<SweepStatus> {
  return (await import('./sweep/sweep-status.js')).sweepStatus(input);
}

/** Asks jobs of a sweep to stop with a checkpoint. */
export async function stopSweep(input: StopSweepInput): Promise<SweepStatus> {
  return (await import('./sweep/stop-sweep.js')).stopSweep(input);
}

/** Trains one job of a sweep in this process, or goes on with it: what launchers have run. */
export async function runSweepJob(input: RunSweepJobInput): Promise<'finished' | 'stopped'> {
  return (await import('./sweep/run-job.js')).runSweepJob(input);
}

/** Hands on what is added to the log of a job, until the signal. */
export async function followSweepLog(file: string, onText: (text: string) => void, signal: AbortSignal): Promise<void> {
  return (await import('./sweep/sweep-logs.js')).followLog(file, onText, signal);
}

/** What jobs of a sweep have printed last. */
export async function sweepLogs(input: SweepLogsInput): Promise<SweepLog[]> {
  return (await import('./sweep/sweep-logs.js')).sweepLogs(input);
}

/** What {@link replay} takes. */
export type ReplayInput = PreparedReplayInput & StartOptions;

/**
 * Trains a finished run again from its files, in a run directory of its own, and compares what came out.
 *
 * @returns what {@link train} does, and whether weights and optimizer are equal to the bit; where they are not, what differs
 * @throws UsageError for a run that did not finish, and for one that started from weights which are gone
 * @throws RunError as {@link train}
 */
export async function replay(input: ReplayInput): Promise<ReplayedTraining> {
  const prepared = await prepareReplay(input);
  return prepared.train(input);
}

/** Checks all that {@link replay} takes, without training and without making a folder. */
export async function prepareReplay(input: PreparedReplayInput): Promise<PreparedReplay> {
  return (await import('./train/prepare-replay.js')).prepareReplay(input);
}

/**
 * Tests a trained model with the evaluators of its config, and writes what they measured into the run directory.
 *
 * @returns the metrics by name, and all that they were measured with
 */
export async function evaluate(input: EvaluateInput): Promise<EvaluatedModel> {
  return (await import('./evaluate.js')).evaluate(input);
}

/** Loads a trained model, to represent images with it. Dispose it when done. */
export async function openModel(input: OpenModelInput): Promise<OpenedModel> {
  return (await import('./open-model.js')).openModel(input);
}

/** Writes a trained model to a file: its weights for PyTorch (safetensors), or the model for ONNX Runtime. */
export async function exportModel(input: ExportInput): Promise<ExportedModel> {
  return (await import('./export.js')).exportModel(input);
}

/** Makes a checkpoint of weights in safetensors, such as those of a PyTorch `state_dict()`. */
export async function importWeights(input: ImportInput): Promise<ImportedWeights> {
  return (await import('./import.js')).importWeights(input);
}

/** The config that {@link train} would have with the same input, and where each of its values comes from. */
export async function composeConfig(input: ProjectInput = {}): Promise<ComposedConfig> {
  return (await import('./compose-config.js')).composeConfig(input);
}

/** The config groups and their choices. */
export async function configGroups(input: ConfigGroupsInput = {}): Promise<ConfigGroup[]> {
  return (await import('./config-groups.js')).configGroups(input);
}

/** The JSON Schema of the config file, with the options of every component. */
export async function configSchema(input: Pick<ProjectInput, 'cwd' | 'plugins'> = {}): Promise<JsonSchema> {
  return (await import('./config-schema.js')).configSchema(input);
}

/** The components that a config can choose, and the packages they come from. Runs no code of plugins. */
export async function listPlugins(input: ListPluginsInput = {}): Promise<ListedPlugins> {
  return (await import('./list-plugins.js')).listPlugins(input);
}

/** A component: its options with types and defaults, its source, the keys that choose it. Loads its code. */
export async function inspectPlugin(input: InspectPluginInput): Promise<Inspection> {
  return (await import('./inspect-plugin.js')).inspectPlugin(input);
}

/** Makes the files that training reads of those that a data set is published in. */
export async function prepareData(input: PrepareDataInput = {}): Promise<readonly PreparedFile[]> {
  return (await import('./prepare-data.js')).prepareData(input);
}

/** Generates scenes with masks and attributes, and writes them to a file of records. */
export async function synthesizeData(input: SynthesizeDataInput): Promise<SynthesizedFile> {
  return (await import('./synthesize-data.js')).synthesizeData(input);
}

/** What files of records hold: records, fields, shapes, bytes, compression. */
export async function describeData(input: DescribeDataInput): Promise<FileDescription[]> {
  return (await import('./describe-data.js')).describeData(input);
}

/** A sample of a file of records: pixels, masks, attributes. */
export async function readSample(input: ReadSampleInput): Promise<Sample> {
  return (await import('./read-sample.js')).readSample(input);
}

/** Draws a sample of a file of records, with its masks, as a PNG file. */
export async function showSample(input: ShowSampleInput): Promise<ShownSample> {
  return (await import('./show-sample.js')).showSample(input);
}

/** What runs there are, how they are doing, and in what they differ. Runs no code of theirs, as none of the next functions does. */
export async function listRuns(input: ListRunsInput = {}): Promise<ListedRuns> {
  return (await import('./runs/list-runs.js')).listRuns(input);
}

/** Runs side by side, or groups of them over their seeds; may draw a metric's curves. */
export async function compareRuns(input: CompareRunsInput = {}): Promise<Comparison> {
  return (await import('./runs/compare-runs.js')).compareRuns(input);
}

/** A comparison as CSV, Markdown or LaTeX. */
export async function formatComparison(
  comparison: Comparison,
  format: ComparisonFormat,
  options: FormatOptions = {},
): Promise<string> {
  return (await import('./runs/format-comparison.js')).formatComparison(comparison, format, options);
}

/** All in which two runs differ: config with origins, versions, engine, metrics. */
export async function diffRuns(input: DiffRunsInput): Promise<RunsDiff> {
  return (await import('./runs/diff-runs.js')).diffRuns(input);
}

/** Gives a run tags, or takes them away. */
export async function tagRun(input: TagRunInput): Promise<NotedRun> {
  return (await import('./runs/note-run.js')).tagRun(input);
}

/** Writes a note on a run, or takes it away. */
export async function noteRun(input: NoteRunInput): Promise<NotedRun> {
  return (await import('./runs/note-run.js')).noteRun(input);
}

/** Removes checkpoints but those to keep: the best, the last. */
export async function pruneRuns(input: PruneRunsInput = {}): Promise<PrunedRuns> {
  return (await import('./runs/prune-runs.js')).pruneRuns(input);
}

/** What this machine has to train with, and which engine osc takes. */
export async function diagnose(): Promise<Diagnosis> {
  return (await import('./diagnose.js')).diagnose();
}

/** Installs an engine that does not come with osc. */
export async function installEngine(input: InstallEngineInput): Promise<InstallOutcome> {
  return (await import('./install-engine.js')).installEngine(input);
}
