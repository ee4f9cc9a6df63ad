/** Weights of a file, in the shape of a config's model, become a checkpoint. */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import { printConfig } from '../config';
import { chooseEngine } from '../engine';
import { buildSeededModel, withoutWrappers } from '../model';
import {
  CONFIG_FILE,
  createRunLog,
  drawSeed,
  explainDiskError,
  formatOverrides,
  OVERRIDES_FILE,
  saveImportedCheckpoint,
} from '../run';
import { decodeSafetensors, UsageError, type SavedTensor } from '../sdk';
import { expandHome } from '../util/home';
import type { ProjectInput, Reporting } from './input';
import { openProject } from './project';
import { requireMeasured } from './require-measured';

export interface ImportInput extends ProjectInput, Pick<Reporting, 'onLog'> {
  /** Weights in safetensors, float32. */
  readonly file: string;
  /**
   * Folder to make; it must be empty or not be there. Default: the name of the file without `.safetensors`, in the working
   * directory.
   */
  readonly output?: string | undefined;
}

export interface ImportedWeights {
  /** Its folder. */
  readonly checkpoint: string;
  readonly tensors: number;
  readonly parameters: number;
}

/** Far above any model that is trained here. */
const MOST_BYTES = 2 ** 30;

/** @throws UsageError for a file that is none, and for weights that are not those of the config's model */
export async function importWeights(input: ImportInput): Promise<ImportedWeights> {
  const { cwd = process.cwd(), plugins = [], output = defaultFolder(input.file) } = input;
  const { config: composed, registry } = await openProject(input);
  requireMeasured(composed.values);
  const overrides = [...plugins.map((plugin) => `--plugin ${plugin}`), ...composed.overrides];
  const { logger } = createRunLog(input.onLog ?? null);
  const file = resolve(cwd, expandHome(input.file));
  const { weights, prefix } = withoutWrappers(readWeights(file));
  if (prefix !== '') {
    logger.info(`All names in ${file} begin with "${prefix}", as PyTorch's wrappers name them; it was taken off.`);
  }
  const target = emptyFolder(resolve(cwd, expandHome(output)));
  const seed = composed.values.other.seed ?? drawSeed(); // of the draws of queries in evaluation
  const config = { ...composed.values, other: { ...composed.values.other, seed } };

  await chooseEngine('cpu').prepare(); // nothing is computed
  const model = await buildSeededModel(config, seed, registry, logger);
  try {
    model.loadWeights(weights, file);
    const parameters = model.namedParameters();
    const own = Array.from(parameters, ([name, variable]) => [
      name,
      { shape: variable.shape, data: variable.dataSync() as Float32Array },
    ]) satisfies [string, SavedTensor][];
    await saveImportedCheckpoint(
      target,
      { model: new Map(own), importedFrom: file },
      {
        [CONFIG_FILE]: printConfig(config),
        [OVERRIDES_FILE]: formatOverrides({ plugins: registry.spec.plugins, overrides }),
      },
    );
    const count = own.reduce((sum, [, { data }]) => sum + data.length, 0);
    return { checkpoint: target, tensors: parameters.size, parameters: count };
  } catch (error) {
    throw explainDiskError(error, target, ['--output ANOTHER_FOLDER']);
  } finally {
    model.dispose();
  }
}

function defaultFolder(file: string): string {
  const name = basename(file, '.safetensors');
  return name === basename(file) ? `${name}-imported` : name;
}

function emptyFolder(path: string): string {
  const there = statSync(path, { throwIfNoEntry: false });
  if (there === undefined) return path;
  if (there.isDirectory() && readdirSync(path).length === 0) return path;
  throw new UsageError(
    there.isDirectory() ? `The folder ${path} is not empty.` : `${path} is a file; a checkpoint needs a folder.`,
    undefined,
    ['--output ANOTHER_FOLDER'],
  );
}

function readWeights(file: string): Map<string, SavedTensor> {
  if (!existsSync(file)) throw new UsageError(`There is no file ${file}.`);
  if (!statSync(file).isFile()) {
    throw new UsageError(`${file} is no file.`, 'What is imported is one file of safetensors.');
  }
  const { size } = statSync(file);
  if (size > MOST_BYTES) {
    const gib = (size / 2 ** 30).toFixed(1);
    throw new UsageError(`${file} has ${gib} GiB.`, 'Weights of at most 1 GiB are read: 250 million parameters.');
  }
  const weights = decodeSafetensors(readFileSync(file), file);
  const broken = [...weights].filter(([, { data }]) => !data.every(Number.isFinite)).map(([name]) => name);
  if (broken.length === 0) return weights;
  const named = broken.slice(0, 10).join(', ') + (broken.length > 10 ? ` and ${broken.length - 10} more` : '');
  throw new UsageError(`Weights in ${file} are not finite.`, `They are in ${named}.`);
}
