/** A model that was trained or imported: the folder a user names, its config, its weights. */
import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import { UsageError } from '../sdk';
import { expandHome } from '../util/home';
import { isCheckpoint, listCheckpoints, readCheckpointWeights, type CheckpointWeights } from './checkpoint';
import { CHECKPOINTS, CONFIG_FILE, isRun, listRuns, OVERRIDES_FILE, runNamed } from './directory';

export interface TrainedModel extends CheckpointWeights {
  /** Folder of the checkpoint. */
  readonly checkpoint: string;
  /** Run directory, or the folder of an imported checkpoint: it has the config, and takes what is measured. */
  readonly home: string;
  readonly configFile: string;
  /** Plugins that the config was composed with. */
  readonly plugins: readonly string[];
}

/**
 * Finds and reads what `RUN|CHECKPOINT` on a command line means: a run (its path, its name, `latest`), of which the newest
 * checkpoint counts, or the folder of a checkpoint.
 *
 * @param command what the user typed before it, for the messages: `osc evaluate`
 * @throws UsageError for anything else, a checkpoint that is broken, and one without a config
 */
export async function openTrainedModel(cwd: string, given: string, command: string): Promise<TrainedModel> {
  const checkpoint = await findCheckpoint(cwd, given, command);
  const home = [checkpoint, dirname(dirname(checkpoint))].find((folder) => existsSync(join(folder, CONFIG_FILE)));
  if (home === undefined) {
    throw new UsageError(
      `The checkpoint ${checkpoint} has no config: without it the model is not known.`,
      `${CONFIG_FILE} lies in the run directory, or in the folder of an imported checkpoint.`,
      [`cp RUN/${CONFIG_FILE} RUN/${OVERRIDES_FILE} ${checkpoint}`],
    );
  }
  let weights: CheckpointWeights;
  try {
    weights = await readCheckpointWeights(checkpoint);
  } catch (error) {
    const older = (await listCheckpoints(dirname(checkpoint))).filter((folder) => folder < checkpoint);
    throw new UsageError(
      `The checkpoint ${checkpoint} is broken.`,
      (error as Error).message,
      older.slice(0, 1).map((folder) => `${command} ${folder}    (an older one)`),
      { cause: error },
    );
  }
  const file = join(home, OVERRIDES_FILE);
  return { ...weights, checkpoint, home, configFile: join(home, CONFIG_FILE), plugins: readPlugins(file) };
}

async function findCheckpoint(cwd: string, given: string, command: string): Promise<string> {
  const path = resolve(cwd, expandHome(given));
  if (isCheckpoint(path)) return path;
  const run = findRun(cwd, given, path, command);
  const [newest] = await listCheckpoints(join(run, CHECKPOINTS));
  if (newest === undefined) {
    throw new UsageError(`The run ${run} has no checkpoint yet.`, undefined, [`osc train --resume ${given}`]);
  }
  return newest;
}

function findRun(cwd: string, given: string, path: string, command: string): string {
  const runs = listRuns(cwd);
  const run = given === 'latest' ? runs[0] : isRun(path) ? path : runNamed(runs, given);
  if (run !== undefined) return run;
  const recent = runs.slice(0, 3).map((folder) => `${command} ${folder}`);
  if (given === 'latest') throw new UsageError(`There is no run under ${join(cwd, 'outputs')}.`);
  const file = statSync(path, { throwIfNoEntry: false });
  const weights = file?.isFile() === true ? path : join(path, 'model.safetensors');
  const importIt = weights.endsWith('.safetensors') && existsSync(weights);
  throw new UsageError(
    file === undefined ? `There is no run or checkpoint ${given}.` : `${given} is neither a run nor a checkpoint.`,
    `A run has ${CONFIG_FILE}, a checkpoint state.json.`,
    [...(importIt ? [`osc import ${weights} --output DIR    (and then: ${command} DIR)`] : []), ...recent],
  );
}

const savedOverrides = z.looseObject({ plugins: z.array(z.string()) });

/** None where a checkpoint came without the file. */
function readPlugins(file: string): readonly string[] {
  if (!existsSync(file)) return [];
  const saved = savedOverrides.safeParse(parse(readFileSync(file, 'utf8')));
  if (saved.success) return saved.data.plugins;
  throw new UsageError(
    `${file} does not say which plugins the config was composed with.`,
    z.prettifyError(saved.error),
  );
}
