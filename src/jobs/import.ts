/** `osc import`: weights of a file, in the shape of a config's model, become a checkpoint. */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { stringify } from 'yaml';
import type { OscConfig } from '../config';
import { chooseEngine } from '../engine';
import { buildSeededModel } from '../model';
import type { Registry } from '../registry';
import {
  CONFIG_FILE,
  drawSeed,
  explainDiskError,
  formatOverrides,
  OVERRIDES_FILE,
  saveImportedCheckpoint,
} from '../run';
import { decodeSafetensors, UsageError, type Logger, type SavedTensor } from '../sdk';
import { expandHome } from '../util/home';

export interface ImportRequest {
  readonly cwd: string;
  readonly file: string;
  /** Folder to make; it must be empty or not be there. */
  readonly output: string;
  readonly config: OscConfig;
  readonly registry: Registry;
  readonly overrides: readonly string[];
  readonly logger: Logger;
}

export interface ImportedWeights {
  readonly checkpoint: string;
  readonly tensors: number;
  readonly parameters: number;
}

/** @throws UsageError for a file that is none, and for weights that are not those of the config's model */
export async function importWeights(request: ImportRequest): Promise<ImportedWeights> {
  const { cwd, registry, overrides, logger } = request;
  const file = resolve(cwd, expandHome(request.file));
  const target = emptyFolder(resolve(cwd, expandHome(request.output)));
  const weights = readWeights(file);
  const seed = request.config.other.seed ?? drawSeed(); // of the draws of queries in evaluation
  const config = { ...request.config, other: { ...request.config.other, seed } };

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
        [CONFIG_FILE]: stringify(config),
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
  const weights = decodeSafetensors(readFileSync(file), file);
  const broken = [...weights].filter(([, { data }]) => !data.every(Number.isFinite)).map(([name]) => name);
  if (broken.length === 0) return weights;
  throw new UsageError(`Weights in ${file} are not finite.`, `They are in ${broken.join(', ')}.`);
}
