/**
 * A checkpoint is a folder that is there whole or not at all: it is written under a temporary name, fsynced and renamed.
 * `state.json` has the checksum of each file.
 */
import { existsSync } from 'node:fs';
import { mkdir, readFile, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { decodeSafetensors, encodeSafetensors, UsageError, type SavedTensor } from '../sdk';
import { syncFolder, writeFileAtomically, writeNewFile } from '../util/durable-files';
import { checkRegularFile } from '../util/regular-file';
import {
  CALLBACKS_FILES,
  FORMAT_VERSION,
  LOSSES_FILE,
  MODEL_FILE,
  OPTIMIZER_FILE,
  readState,
  sha256,
  STATE_FILE,
  stateText,
  trainStateSchema,
  type Checkpoint,
  type Position,
  type Tensors,
  type TrainState,
} from './checkpoint-state';

function folderName({ epoch, step }: Position): string {
  return `epoch-${String(epoch).padStart(4, '0')}_step-${String(step).padStart(8, '0')}`;
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

/**
 * Notes that callbacks know of the end of the epoch (tests and figures are done), with what they keep then: a resume need not
 * repeat it. Their tensors go to the file that the state does not name yet, so that a kill leaves the old state or the new one.
 */
export async function finishEpochEnd(
  folder: string,
  now: Pick<Checkpoint, 'callbacks' | 'lossWeights' | 'stopReason' | 'history'>,
): Promise<void> {
  const state = readState(folder);
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
  const { sha256: hashes, callbacks, ...state } = readState(folder);
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
  /** Callback that keeps these weights; null for those that were trained. */
  readonly weights: string | null;
  /** Of the file of weights. */
  readonly sha256: string;
}

/** Tensors of this name in a callback's state are another set of the model's weights (`CallbackState`). */
export const WEIGHTS_PREFIX = 'weights.';

/**
 * @param weights name of the callback whose weights are read instead of those that were trained
 * @throws Error that says what is wrong with the folder; UsageError where it has no such weights
 */
export async function readCheckpointWeights(folder: string, weights: string | null = null): Promise<CheckpointWeights> {
  const { position, sha256: hashes } = readState(folder);
  const losses = LOSSES_FILE in hashes ? await readTensors(folder, LOSSES_FILE, hashes[LOSSES_FILE]) : new Map();
  if (weights === null) {
    const hash = hashes[MODEL_FILE] ?? '';
    return { position, weights, model: await readTensors(folder, MODEL_FILE, hash), losses, sha256: hash };
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
  if (model !== undefined && file !== undefined)
    return { position, weights, model, losses, sha256: hashes[file] ?? '' };
  throw new UsageError(
    `The checkpoint ${folder} has no weights "${weights}".`,
    sets.size === 0
      ? 'It has only those that were trained.'
      : `Beside those that were trained it has ${[...sets.keys()].join(', ')}.`,
    ['leave out --weights', 'osc plugins list --kind callback    (those that keep weights say so)'],
  );
}

/** Bytes: what Node reads at once. */
const MAX_TENSORS = 2 ** 31 - 1;

async function readTensors(folder: string, name: string, hash: string | undefined): Promise<Map<string, SavedTensor>> {
  const path = join(folder, name);
  checkRegularFile(path, MAX_TENSORS);
  const bytes = await readFile(path);
  if (sha256(bytes) !== hash) throw new Error(`${name} does not match its checksum.`);
  return decodeSafetensors(bytes, path);
}
