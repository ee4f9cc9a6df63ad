/** Where a run lies: `outputs/DATE/TIME_NAME` under the working directory, or a folder given by the user. */
import { existsSync, mkdirSync, readdirSync, statSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { UsageError } from '../sdk';
import { isCheckpoint } from './checkpoint';

const OUTPUTS = 'outputs';
export const CONFIG_FILE = 'config.yaml';
export const OVERRIDES_FILE = 'overrides.yaml';
export const ENVIRONMENT_FILE = 'environment.json';
export const CHECKPOINTS = 'checkpoints';

function pad(value: number): string {
  return String(value).padStart(2, '0');
}

/** Path of a new run, local time. Nothing is made. */
export function newRunPath(cwd: string, name: string, now: Date): string {
  const date = `${now.getFullYear()}-${pad(now.getMonth() + 1)}-${pad(now.getDate())}`;
  const time = `${pad(now.getHours())}-${pad(now.getMinutes())}-${pad(now.getSeconds())}`;
  return join(cwd, OUTPUTS, date, `${time}_${name.replace(/[^\w.-]+/g, '-')}`);
}

/**
 * A folder the user names for a new run.
 * @throws UsageError when it holds something already
 */
export function checkRunPath(cwd: string, given: string): string {
  const path = resolve(cwd, given);
  if (!existsSync(path)) return path;
  if (!statSync(path).isDirectory()) throw new UsageError(`${path} is a file; a run needs a folder.`);
  if (readdirSync(path).length === 0) return path;
  const resume = isRun(path) ? [`osc train --resume ${given}    (go on with the run that lies there)`] : [];
  throw new UsageError(`The run directory ${path} is not empty.`, undefined, [...resume, '--run-dir ANOTHER_FOLDER']);
}

/**
 * Makes the folder of a new run; where another run took the name in the same second, `NAME-2` and so on.
 *
 * @param isGiven the user named it: it may be there, empty
 * @returns the folder made
 */
export function makeRunDirectory(path: string, isGiven: boolean): string {
  mkdirSync(dirname(path), { recursive: true });
  for (let number = 1; ; number++) {
    const candidate = number === 1 ? path : `${path}-${number}`;
    try {
      mkdirSync(candidate); // not recursive: fails where it is there
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      if (!isGiven) continue;
    }
    mkdirSync(join(candidate, CHECKPOINTS), { recursive: true });
    return candidate;
  }
}

/** An imported checkpoint has a config too, and no checkpoints. */
export function isRun(path: string): boolean {
  return existsSync(join(path, CONFIG_FILE)) && !isCheckpoint(path);
}

/** Runs under `outputs/`, newest first (the names sort by time). */
export function listRuns(cwd: string): string[] {
  const outputs = join(cwd, OUTPUTS);
  if (!existsSync(outputs)) return [];
  return readdirSync(outputs)
    .sort()
    .reverse()
    .flatMap((date) => {
      const folder = join(outputs, date);
      if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory()) return [];
      return readdirSync(folder)
        .sort()
        .reverse()
        .map((run) => join(folder, run));
    })
    .filter(isRun);
}

/** The run of that name, or whose name ends like that. */
export function runNamed(runs: readonly string[], given: string): string | undefined {
  return runs.find((run) => basename(run) === given || basename(run).endsWith(`_${given}`));
}

/**
 * The run a user means: a path, the last part of one under `outputs/`, or `latest`.
 * @throws UsageError when there is no such run
 */
export function findRun(cwd: string, given: string): string {
  const runs = listRuns(cwd);
  if (given === 'latest') {
    if (runs[0] !== undefined) return runs[0];
    throw new UsageError(`There is no run under ${join(cwd, OUTPUTS)}.`, undefined, ['--resume PATH_OF_THE_RUN']);
  }
  const path = resolve(cwd, given);
  if (isRun(path)) return path;
  if (basename(dirname(path)) === CHECKPOINTS && isRun(dirname(dirname(path)))) {
    throw new UsageError(`${given} is a checkpoint; a run goes on from its newest one.`, undefined, [
      `--resume ${dirname(dirname(path))}`,
    ]);
  }
  if (isCheckpoint(path)) {
    throw new UsageError(`${given} is an imported checkpoint, which has no run to go on with.`, undefined, [
      `osc train --init-from ${given}    (a new run that starts from its weights)`,
    ]);
  }
  const named = runNamed(runs, given);
  if (named !== undefined) return named;
  const recent = runs.slice(0, 3).map((run) => `--resume ${run}`);
  throw new UsageError(`${given} is not a run: there is no ${join(path, CONFIG_FILE)}.`, undefined, [
    ...recent,
    '--resume latest',
  ]);
}
