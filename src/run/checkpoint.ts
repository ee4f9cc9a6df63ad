/**
 * A checkpoint is a folder `checkpoints/epoch-0003_step-00001234` (epochs finished, optimizer steps done) that is there
 * whole or not at all: it is written under a temporary name, fsynced and renamed. `state.json` has the SHA-256 of each file and of itself.
 */
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { z } from 'zod';
import { decodeSafetensors, encodeSafetensors, RunError, UsageError, type Logger, type SavedTensor } from '../sdk';
import { syncFolder, writeFileAtomically, writeNewFile } from '../util/durable-files';

export const MODEL_FILE = 'model.safetensors';
const OPTIMIZER_FILE = 'optimizer.safetensors';
/** Parameters of losses, where they have some. */
const LOSSES_FILE = 'losses.safetensors';
/** Tensors of callbacks, where they have some, as `CALLBACK/NAME`; see {@link finishEpochEnd} for the second file. */
const CALLBACKS_FILES = ['callbacks.safetensors', 'callbacks-2.safetensors'] as const;
const STATE_FILE = 'state.json';
const FORMAT_VERSION = 1;

/** Where training stands: `batch` batches of epoch `epoch` are done, `step` optimizer steps in all. */
const positionSchema = z.strictObject({
  step: z.int().nonnegative(),
  epoch: z.int().nonnegative(),
  batch: z.int().nonnegative(),
});

/** Averages over one finished epoch. */
const epochRecordSchema = z.strictObject({
  epoch: z.int().nonnegative(),
  train: z.record(z.string(), z.number()),
  val: z.record(z.string(), z.number()),
});

/** JSON has null for what is not finite. */
const metric = z.union([z.custom<number>((value) => typeof value === 'number'), z.null().transform(() => NaN)]);

const pendingEpochEndSchema = z.strictObject({
  epoch: z.int().nonnegative(),
  metrics: z.record(z.string(), metric),
});

const trainStateSchema = z.strictObject({
  format: z.literal(FORMAT_VERSION),
  position: positionSchema,
  /** Sums of the losses over the batches of the unfinished epoch. */
  lossSums: z.record(z.string(), z.number()),
  history: z.array(epochRecordSchema),
  /** Factors of the losses, which callbacks may change. */
  lossWeights: z.record(z.string(), z.number()),
  /**
   * The epoch whose end callbacks have not been told of (tests, figures) when this was written, and the metrics of its validation,
   * which are logged again on resume; see {@link finishEpochEnd}.
   */
  pendingEpochEnd: pendingEpochEndSchema.nullable(),
  /** Why a callback ended training before its last epoch. */
  stopReason: z.string().nullable(),
  /** What callbacks keep, by their names. */
  callbacks: z.record(z.string(), z.record(z.string(), z.unknown())),
  sha256: z.record(z.string(), z.string()),
  /** The file that the weights were imported from. Such a checkpoint has no optimizer: it can be evaluated, not resumed. */
  importedFrom: z.string().optional(),
});

export type Position = z.infer<typeof positionSchema>;
export type EpochRecord = z.infer<typeof epochRecordSchema>;

type Tensors = ReadonlyMap<string, SavedTensor>;

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

function sha256(data: Uint8Array | string): string {
  return createHash('sha256').update(data).digest('hex');
}

function folderName({ epoch, step }: Position): string {
  return `epoch-${String(epoch).padStart(4, '0')}_step-${String(step).padStart(8, '0')}`;
}

/** [step, epoch] of a checkpoint's folder name; undefined for any other name. */
function parseFolderName(name: string): [number, number] | undefined {
  const match = /^epoch-(\d+)_step-(\d+)$/.exec(name);
  return match ? [Number(match[2]), Number(match[1])] : undefined;
}

/** Complete or broken checkpoints of a run, newest first. Temporary folders of a killed process are not among them. */
export async function listCheckpoints(folder: string): Promise<string[]> {
  if (!existsSync(folder)) return [];
  return (await readdir(folder))
    .flatMap((name) => {
      const key = parseFolderName(name);
      return key ? [{ name, key }] : [];
    })
    .sort((a, b) => b.key[0] - a.key[0] || b.key[1] - a.key[1])
    .map(({ name }) => join(folder, name));
}

/**
 * @param name of the checkpoint, where it is one beside those that a run is resumed from
 * @returns the checkpoint's folder
 */
export async function saveCheckpoint(folder: string, checkpoint: Checkpoint, name?: string): Promise<string> {
  const { model, losses, optimizer, callbacks, ...state } = checkpoint;
  const target = join(folder, name ?? folderName(checkpoint.position));
  const files = {
    [MODEL_FILE]: encodeSafetensors(model),
    [OPTIMIZER_FILE]: encodeSafetensors(optimizer),
    ...ifAny(LOSSES_FILE, losses),
    ...ifAny(CALLBACKS_FILES[0], callbacks.tensors),
  };
  await writeFolder(target, files, { ...state, history: [...state.history], callbacks: callbacks.values }, {});
  return target;
}

function ifAny(file: string, tensors: Tensors): Files {
  return tensors.size === 0 ? {} : { [file]: encodeSafetensors(tensors) };
}

/**
 * A checkpoint of weights alone, which come from elsewhere; with its config beside them it stands for itself.
 *
 * @param target is replaced
 * @param others further files, by name
 */
export async function saveImportedCheckpoint(
  target: string,
  { model, importedFrom }: { readonly model: ReadonlyMap<string, SavedTensor>; readonly importedFrom: string },
  others: Readonly<Record<string, string>>,
): Promise<void> {
  const position = { step: 0, epoch: 0, batch: 0 };
  const nothing = {
    lossSums: {},
    lossWeights: {},
    history: [],
    pendingEpochEnd: null,
    stopReason: null,
    callbacks: {},
  };
  const state = { position, ...nothing, importedFrom };
  await writeFolder(target, { [MODEL_FILE]: encodeSafetensors(model) }, state, others);
}

type Files = Readonly<Record<string, Uint8Array | string>>;

async function writeFolder(
  target: string,
  files: Files,
  ofState: Omit<TrainState, 'format' | 'sha256'>,
  others: Files,
): Promise<void> {
  const folder = dirname(target);
  await mkdir(folder, { recursive: true });
  const temporary = join(folder, `.tmp-${process.pid}-${basename(target)}`);
  try {
    await rm(temporary, { recursive: true, force: true });
    await mkdir(temporary);
    for (const [name, data] of Object.entries({ ...files, ...others })) await writeNewFile(join(temporary, name), data);
    const hashes = Object.fromEntries(Object.entries(files).map(([name, data]) => [name, sha256(data)]));
    // parsed, so that nothing is written that cannot be read
    const state = trainStateSchema.parse({ format: FORMAT_VERSION, ...ofState, sha256: hashes });
    await writeNewFile(join(temporary, STATE_FILE), stateText(state));
    await syncFolder(temporary);
    await replaceFolder(target, temporary);
  } catch (error) {
    await rm(temporary, { recursive: true, force: true });
    throw error;
  }
}

/** A folder cannot be renamed onto another: the old one steps aside, so that there is none for an instant at most. */
async function replaceFolder(target: string, by: string): Promise<void> {
  const aside = `${by}-old`;
  await rm(aside, { recursive: true, force: true });
  if (existsSync(target)) await rename(target, aside);
  await rename(by, target);
  await syncFolder(dirname(target));
  await rm(aside, { recursive: true, force: true });
}

type TrainState = z.infer<typeof trainStateSchema>;

function stateText(state: TrainState): string {
  return `${JSON.stringify({ ...state, self: sha256(JSON.stringify(state)) }, null, 2)}\n`;
}

async function readState(folder: string): Promise<TrainState> {
  const { self, ...rest } = JSON.parse(await readFile(join(folder, STATE_FILE), 'utf8')) as Record<string, unknown>;
  if (self !== sha256(JSON.stringify(rest))) throw new Error(`${STATE_FILE} does not match its own checksum.`);
  return trainStateSchema.parse(rest);
}

/**
 * Notes that callbacks know of the end of the epoch (tests and figures are done), with what they keep then: a resume need not
 * repeat it. Their tensors go to the file that the state does not name yet, so that a kill leaves the old state or the new one.
 */
export async function finishEpochEnd(
  folder: string,
  now: Pick<Checkpoint, 'callbacks' | 'lossWeights' | 'stopReason' | 'history'>,
): Promise<void> {
  const state = await readState(folder);
  const before = CALLBACKS_FILES.find((file) => file in state.sha256);
  const after = before === CALLBACKS_FILES[0] ? CALLBACKS_FILES[1] : CALLBACKS_FILES[0];
  const sha = Object.fromEntries(Object.entries(state.sha256).filter(([file]) => file !== before));
  if (now.callbacks.tensors.size > 0) {
    const bytes = encodeSafetensors(now.callbacks.tensors);
    await writeFileAtomically(join(folder, after), bytes);
    sha[after] = sha256(bytes);
  }
  const { callbacks, lossWeights, stopReason, history } = now;
  const changed = { history: [...history], lossWeights, stopReason, callbacks: callbacks.values };
  const next = { ...state, ...changed, pendingEpochEnd: null, sha256: sha };
  await writeFileAtomically(join(folder, STATE_FILE), stateText(trainStateSchema.parse(next)));
  if (before !== undefined) await rm(join(folder, before), { force: true });
}

/** @throws Error that says what is wrong with the folder */
export async function readCheckpoint(folder: string): Promise<Checkpoint> {
  const { sha256: hashes, callbacks, ...state } = await readState(folder);
  const read = (name: string): Promise<Tensors> => readTensors(folder, name, hashes[name]);
  const readIfAny = (name: string | undefined): Promise<Tensors> =>
    name === undefined || !(name in hashes) ? Promise.resolve(new Map()) : read(name);
  const [model, optimizer, losses, tensors] = await Promise.all([
    read(MODEL_FILE),
    read(OPTIMIZER_FILE),
    readIfAny(LOSSES_FILE),
    readIfAny(CALLBACKS_FILES.find((file) => file in hashes)),
  ]);
  const { position, lossSums, lossWeights, history, pendingEpochEnd, stopReason } = state;
  return {
    ...{ position, lossSums, lossWeights, history, pendingEpochEnd, stopReason },
    ...{ model, losses, optimizer, callbacks: { values: callbacks, tensors } },
  };
}

/** The weights of a checkpoint, its own or imported ones. */
export interface CheckpointWeights {
  readonly position: Position;
  readonly model: Tensors;
  /** Own parameters of losses, `losses.KEY.NAME`. */
  readonly losses: Tensors;
  /** Of the file of weights. */
  readonly sha256: string;
}

/** Tensors of this name in a callback's state are another set of the model's weights (`CallbackState`). */
export const WEIGHTS_PREFIX = 'weights.';

/**
 * @param weights name of the callback whose weights are read instead of those that were trained
 * @throws Error that says what is wrong with the folder; UsageError where it has no such weights
 */
export async function readCheckpointWeights(folder: string, weights?: string | null): Promise<CheckpointWeights> {
  const { position, sha256: hashes } = await readState(folder);
  const losses = LOSSES_FILE in hashes ? await readTensors(folder, LOSSES_FILE, hashes[LOSSES_FILE]) : new Map();
  if (weights == null) {
    const hash = hashes[MODEL_FILE] ?? '';
    return { position, model: await readTensors(folder, MODEL_FILE, hash), losses, sha256: hash };
  }
  const file = CALLBACKS_FILES.find((name) => name in hashes);
  const tensors: Tensors = file === undefined ? new Map() : await readTensors(folder, file, hashes[file]);
  const sets = new Map<string, Map<string, SavedTensor>>();
  for (const [name, tensor] of tensors) {
    const [callback, parameter] = name.split(`/${WEIGHTS_PREFIX}`) as [string, string | undefined];
    if (parameter === undefined) continue;
    sets.set(callback, (sets.get(callback) ?? new Map<string, SavedTensor>()).set(parameter, tensor));
  }
  const model = sets.get(weights);
  if (model !== undefined && file !== undefined) return { position, model, losses, sha256: hashes[file] ?? '' };
  throw new UsageError(
    `The checkpoint ${folder} has no weights "${weights}".`,
    sets.size === 0
      ? 'It has only those that were trained.'
      : `Beside those that were trained it has ${[...sets.keys()].join(', ')}.`,
    ['leave out --weights', 'osc train --plugin ema    (keeps averaged weights, named ema)'],
  );
}

/** A folder that {@link saveCheckpoint} or {@link saveImportedCheckpoint} wrote, whole or broken. */
export function isCheckpoint(folder: string): boolean {
  return existsSync(join(folder, STATE_FILE));
}

async function readTensors(folder: string, name: string, hash: string | undefined): Promise<Map<string, SavedTensor>> {
  const path = join(folder, name);
  const bytes = await readFile(path);
  if (sha256(bytes) !== hash) throw new Error(`${name} does not match its checksum.`);
  return decodeSafetensors(bytes, path);
}

/**
 * The newest checkpoint that is whole. Each broken one that is newer is told of and set aside as `.broken-…`, lest it
 * count as the newest when old ones are removed.
 *
 * @throws RunError when there is none
 */
export async function newestCheckpoint(folder: string, logger: Logger): Promise<{ folder: string } & Checkpoint> {
  const found = await listCheckpoints(folder);
  for (const path of found) {
    try {
      const checkpoint = await readCheckpoint(path);
      for (const broken of found.slice(0, found.indexOf(path))) {
        await rename(broken, join(folder, `.broken-${basename(broken)}-${process.pid}`));
      }
      return { folder: path, ...checkpoint };
    } catch (error) {
      logger.warn(`Checkpoint ${path} is broken and not used: ${(error as Error).message}`);
    }
  }
  const why = found.length === 0 ? 'The run was stopped before its first one.' : `All ${found.length} are broken.`;
  throw new RunError(`There is no complete checkpoint in ${folder}.`, why, [
    'osc train    (start a new run with the same overrides: see overrides.yaml in the run directory)',
  ]);
}

/**
 * The rule of what is kept: the newest `keep` (null: all), and never fewer than the newest one. Also removes what a
 * killed process left half-written.
 */
export async function pruneCheckpoints(folder: string, keep: number | null): Promise<void> {
  for (const name of await readdir(folder)) {
    if (name.startsWith('.tmp-')) await rm(join(folder, name), { recursive: true, force: true });
  }
  if (keep === null) return;
  for (const path of (await listCheckpoints(folder)).slice(Math.max(1, keep))) {
    await rm(path, { recursive: true, force: true });
  }
}
