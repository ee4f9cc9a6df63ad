/** What a user means by `RUN|CHECKPOINT` on a command line. */
import { existsSync, readdirSync, statSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { UsageError } from '../sdk';
import { expandHome } from '../util/home';
import { isCheckpoint } from './checkpoint-list';
import { MODEL_FILE } from './checkpoint-state';
import { CHECKPOINTS, CONFIG_FILE, isRun, OUTPUTS } from './directory';

/** A run, one checkpoint of a run, or a checkpoint that stands alone: imported, or copied out of its run. Folders, absolute. */
export type FoundRun =
  { readonly run: string; readonly checkpoint?: undefined } | { readonly run?: string; readonly checkpoint: string };

/**
 * Finds a run by its path, its name under `outputs/` (all of it, or without the time) or `latest`, and a checkpoint by its path.
 * Whether a checkpoint is whole is not looked at.
 *
 * @param given what the user wrote
 * @param command what the user typed before it, for the messages: `osc evaluate`
 * @throws UsageError when there is no such run or checkpoint
 */
export function findRun(cwd: string, given: string, command: string): FoundRun {
  const runs = listRuns(cwd);
  if (given === 'latest') {
    if (runs[0] !== undefined) return { run: runs[0] };
    throw new UsageError(`There is no run under ${join(cwd, OUTPUTS)}.`, undefined, [`${command} PATH_OF_THE_RUN`]);
  }
  const path = resolve(cwd, expandHome(given));
  if (isRun(path)) return { run: path };
  const run = runOfCheckpoint(path);
  if (run !== undefined) return { run, checkpoint: path };
  if (isCheckpoint(path)) return { checkpoint: path };
  const named = runs.find((folder) => basename(folder) === given || basename(folder).endsWith(`_${given}`));
  if (named !== undefined) return { run: named };
  throw new UsageError(
    existsSync(path) ? `${given} is neither a run nor a checkpoint.` : `There is no run or checkpoint ${given}.`,
    `A run has ${CONFIG_FILE}, a checkpoint state.json.`,
    [...importHints(path, command), ...runs.slice(0, 3).map((folder) => `${command} ${folder}`)],
  );
}

const RESUME = 'osc train --resume';
const REPLAY = 'osc train --replay';

/** The run that `--resume` goes on with. @throws UsageError for anything else, a checkpoint too */
export function findRunToResume(cwd: string, given: string): string {
  const { run, checkpoint } = findRun(cwd, given, RESUME);
  if (checkpoint === undefined) return run;
  if (run === undefined) {
    throw new UsageError(`${given} is a copied or imported checkpoint, which has no run to go on with.`, undefined, [
      `osc train --init-from ${given}    (a new run that starts from its weights)`,
    ]);
  }
  throw new UsageError(`${given} is a checkpoint; a run goes on from its newest one.`, undefined, [`${RESUME} ${run}`]);
}

/** The run that `--replay` trains again. @throws UsageError for anything else, a checkpoint too */
export function findRunToReplay(cwd: string, given: string): string {
  const { run, checkpoint } = findRun(cwd, given, REPLAY);
  if (checkpoint === undefined) return run;
  if (run === undefined) {
    throw new UsageError(
      `${given} is a copied or imported checkpoint: how it was trained is not there to be repeated.`,
    );
  }
  throw new UsageError(`${given} is a checkpoint; a run is repeated as a whole.`, undefined, [`${REPLAY} ${run}`]);
}

/** Runs under `outputs/`, newest first (the names sort by time). */
export function listRuns(cwd: string): string[] {
  const outputs = join(cwd, OUTPUTS);
  return foldersIn(outputs).flatMap(foldersIn).filter(isRun);
}

/** Last name first. Empty for what is no folder. */
function foldersIn(path: string): string[] {
  if (!statSync(path, { throwIfNoEntry: false })?.isDirectory()) return [];
  return readdirSync(path)
    .sort()
    .reverse()
    .map((name) => join(path, name));
}

/** Undefined for what does not lie in `checkpoints/` of a run. */
function runOfCheckpoint(path: string): string | undefined {
  const run = dirname(dirname(path));
  return basename(dirname(path)) === CHECKPOINTS && existsSync(path) && isRun(run) ? run : undefined;
}

/** For somebody who named a file of weights, or a folder that holds one. */
function importHints(path: string, command: string): string[] {
  const file = statSync(path, { throwIfNoEntry: false })?.isFile() === true ? path : join(path, MODEL_FILE);
  if (!file.endsWith('.safetensors') || !existsSync(file)) return [];
  return [`osc import ${file} --output DIR    (and then: ${command} DIR)`];
}
