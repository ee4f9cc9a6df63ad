/** What a checkpoint holds, and its `state.json`: everything but tensors, with the SHA-256 of each file and of itself. */
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { z } from 'zod';
import type { SavedTensor } from '../sdk';
import { readRegularFile } from '../util/regular-file';
import { listOf, mapOf, zodProblems } from '../util/zod-problems';

export const MODEL_FILE = 'model.safetensors';
export const OPTIMIZER_FILE = 'optimizer.safetensors';
/** Parameters of losses, where they have some. */
export const LOSSES_FILE = 'losses.safetensors';
/** Tensors of callbacks, where they have some, as `CALLBACK/NAME`; see `finishEpochEnd` for the second file. */
export const CALLBACKS_FILES = ['callbacks.safetensors', 'callbacks-2.safetensors'] as const;
export const STATE_FILE = 'state.json';
export const FORMAT_VERSION = 1;

/** Where training stands: `batch` batches of epoch `epoch` are done, `step` optimizer steps in all. */
const positionSchema = z.strictObject({
  step: z.int().nonnegative(),
  epoch: z.int().nonnegative(),
  batch: z.int().nonnegative(),
});

/** Averages over one finished epoch. */
const epochRecordSchema = z.strictObject({
  epoch: z.int().nonnegative(),
  train: mapOf(z.number()),
  val: mapOf(z.number()),
});

/** JSON has null for what is not finite. */
const metric = z.union([z.custom<number>((value) => typeof value === 'number'), z.null().transform(() => NaN)]);

const pendingEpochEndSchema = z.strictObject({
  epoch: z.int().nonnegative(),
  metrics: mapOf(metric),
});

export const trainStateSchema = z.strictObject({
  format: z.literal(FORMAT_VERSION),
  position: positionSchema,
  /** Sums of the losses over the batches of the unfinished epoch. */
  lossSums: mapOf(z.number()),
  history: listOf(epochRecordSchema),
  /** Factors of the losses, which callbacks may change. */
  lossWeights: mapOf(z.number()),
  /**
   * The epoch whose end callbacks have not been told of (tests, figures) when this was written, and the metrics of its validation,
   * which are logged again on resume; see `finishEpochEnd`.
   */
  pendingEpochEnd: pendingEpochEndSchema.nullable(),
  /** Why a callback ended training before its last epoch. */
  stopReason: z.string().nullable(),
  /** What callbacks keep, by their names. */
  callbacks: mapOf(z.record(z.string(), z.unknown())),
  sha256: mapOf(z.string()),
  /** The file that the weights were imported from. Such a checkpoint has no optimizer: it can be evaluated, not resumed. */
  importedFrom: z.string().optional(),
});

export type Position = z.infer<typeof positionSchema>;
export type EpochRecord = z.infer<typeof epochRecordSchema>;

export type Tensors = ReadonlyMap<string, SavedTensor>;

/** What callbacks keep from one process to the next. */
export interface CallbackStates {
  /** By the callback's name. */
  readonly values: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  /** `CALLBACK/NAME` */
  readonly tensors: Tensors;
}

export interface Checkpoint {
  readonly position: Position;
  readonly lossSums: Readonly<Record<string, number>>;
  readonly lossWeights: Readonly<Record<string, number>>;
  readonly history: readonly EpochRecord[];
  readonly pendingEpochEnd: Readonly<z.infer<typeof pendingEpochEndSchema>> | null;
  readonly stopReason: string | null;
  readonly model: Tensors;
  /** Own parameters of losses, `losses.KEY.NAME`. */
  readonly losses: Tensors;
  readonly optimizer: Tensors;
  readonly callbacks: CallbackStates;
}

export function sha256(data: Uint8Array | string): string {
  return createHash('sha256').update(data).digest('hex');
}

export type TrainState = z.infer<typeof trainStateSchema>;

export function stateText(state: TrainState): string {
  return `${JSON.stringify({ ...state, self: sha256(JSON.stringify(state)) }, null, 2)}\n`;
}

/** Bytes: the history of a hundred thousand epochs. Callbacks keep what is large as tensors. */
const MAX_STATE = 2 ** 26;

/** @throws Error that says what is wrong with the file */
export function readState(folder: string): TrainState {
  const content: unknown = parse(folder);
  if (typeof content !== 'object' || content === null) throw new Error(`${STATE_FILE} holds no object.`);
  const { self, ...rest } = content as Record<string, unknown>;
  if (self !== sha256(JSON.stringify(rest))) throw new Error(`${STATE_FILE} does not match its own checksum.`);
  const read = trainStateSchema.safeParse(rest);
  if (read.success) return read.data;
  throw new Error(`${STATE_FILE} is damaged. ${zodProblems(read.error)}`, { cause: read.error });
}

function parse(folder: string): unknown {
  try {
    return JSON.parse(readRegularFile(join(folder, STATE_FILE), MAX_STATE).toString());
  } catch (error) {
    throw new Error(`${STATE_FILE} cannot be read. ${(error as Error).message}`, { cause: error });
  }
}
