/** A model that was trained or imported: the folder a user names, its config, its weights. */
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { isReportedError, UsageError } from '../sdk';
import { readCheckpointWeights, type CheckpointWeights } from './checkpoint';
import { listCheckpoints } from './checkpoint-list';
import { CHECKPOINTS, CONFIG_FILE, OVERRIDES_FILE } from './directory';
import { findRun } from './find-run';
import { readOverrides } from './overrides';

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
 * Finds and reads what `RUN|CHECKPOINT` on a command line means: a checkpoint, or a run, of which the newest checkpoint counts.
 *
 * @param command what the user typed before it, for the messages: `osc evaluate`
 * @param weightsOf callback whose weights are read instead of those that were trained
 * @throws UsageError for anything else, a checkpoint that is broken, one without a config, and one without such weights
 */
export async function openTrainedModel(
  cwd: string,
  given: string,
  command: string,
  weightsOf: string | null = null,
): Promise<TrainedModel> {
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
    weights = await readCheckpointWeights(checkpoint, weightsOf);
  } catch (error) {
    if (isReportedError(error)) throw error;
    const older = (await listCheckpoints(dirname(checkpoint))).filter((folder) => folder < checkpoint);
    throw new UsageError(
      `The checkpoint ${checkpoint} is broken.`,
      (error as Error).message,
      older.slice(0, 1).map((folder) => `${command} ${folder}    (an older one)`),
      { cause: error },
    );
  }
  // one that was copied by hand may have come without the file
  const plugins = existsSync(join(home, OVERRIDES_FILE)) ? readOverrides(home).plugins : [];
  return { ...weights, checkpoint, home, configFile: join(home, CONFIG_FILE), plugins };
}

/** The checkpoint meant; of a run the newest. */
async function findCheckpoint(cwd: string, given: string, command: string): Promise<string> {
  const { run, checkpoint } = findRun(cwd, given, command);
  if (checkpoint !== undefined) return checkpoint;
  const [newest] = await listCheckpoints(join(run, CHECKPOINTS));
  if (newest !== undefined) return newest;
  throw new UsageError(`The run ${run} has no checkpoint yet.`, undefined, [`osc train --resume ${given}`]);
}
