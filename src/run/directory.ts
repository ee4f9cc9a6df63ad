/** Where a run lies: `outputs/DATE/TIME_NAME` under the working directory, or a folder given by the user. */
import { existsSync, mkdirSync, readdirSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { UsageError } from '../sdk';
import { fileInTheWay } from '../util/file-in-the-way';
import { twoDigits } from '../util/text';
import { isCheckpoint } from './checkpoint-list';

export const OUTPUTS = 'outputs';
export const CONFIG_FILE = 'config.yaml';
export const OVERRIDES_FILE = 'overrides.yaml';
export const ENVIRONMENT_FILE = 'environment.json';
export const CHECKPOINTS = 'checkpoints';

/** Path of a new run, local time. Nothing is made. @param under the folder that holds all of them */
export function newRunPath(cwd: string, name: string, now: Date, under = OUTPUTS): string {
  const date = [now.getFullYear(), twoDigits(now.getMonth() + 1), twoDigits(now.getDate())].join('-');
  const time = [now.getHours(), now.getMinutes(), now.getSeconds()].map(twoDigits).join('-');
  return join(cwd, under, date, `${time}_${name.replace(/[^\w.-]+/g, '-')}`);
}

/**
 * A folder the user names for a new run.
 * @throws UsageError when it holds something already
 */
export function checkRunPath(cwd: string, given: string): string {
  const path = resolve(cwd, given);
  const file = fileInTheWay(path);
  if (file !== undefined) throw new UsageError(`${file} is a file; a run needs a folder.`);
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
