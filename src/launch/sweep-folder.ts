/** Where a sweep lies: `multirun/DATE/TIME_NAME` under the working directory, or a folder given by the user; and what lies in it. */
import { existsSync, mkdirSync, readdirSync, statSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { isSweep, MULTIRUN, newRunPath, SWEEP_FILE } from '../run';
import { UsageError } from '../sdk';
import { fileInTheWay } from '../util/file-in-the-way';
import { expandHome } from '../util/home';

/** One line a job, for people and scripts. */
export const JOBS_FILE = 'jobs.jsonl';
/** Held by the process that starts jobs. */
export const SWEEP_LOCK = '.lock';
const JOBS_FOLDER = 'jobs';
const LAUNCHER_FOLDER = 'launcher';

/** `7` is `007`; the folder of its run, and the name of its files. */
export function jobFolder(number: number): string {
  return String(number).padStart(3, '0');
}

/** The files of a job beside its run, absolute. */
export interface JobFiles {
  /** Its config, as it was composed when the sweep was started. */
  readonly config: string;
  /** Its state. */
  readonly record: string;
  /** What it printed, in all attempts. */
  readonly log: string;
  /** Held by its process. */
  readonly lock: string;
}

export function jobFiles(sweep: string, number: number): JobFiles {
  const at = join(sweep, JOBS_FOLDER, jobFolder(number));
  return { config: `${at}.yaml`, record: `${at}.json`, log: `${at}.log`, lock: `${at}.lock` };
}

/** The folder for files of the launcher's own. */
export function launcherFolder(sweep: string): string {
  return join(sweep, LAUNCHER_FOLDER);
}

/** Path of a new sweep, local time. Nothing is made. */
export function newSweepPath(cwd: string, name: string, now: Date): string {
  return newRunPath(cwd, name, now, MULTIRUN);
}

/** A folder the user names for a new sweep. @throws UsageError when it holds something already */
export function checkSweepPath(cwd: string, given: string): string {
  const path = resolve(cwd, expandHome(given));
  const file = fileInTheWay(path) ?? (statSync(path, { throwIfNoEntry: false })?.isFile() === true ? path : undefined);
  if (file !== undefined) throw new UsageError(`${file} is a file; a sweep needs a folder.`);
  if (!existsSync(path) || readdirSync(path).length === 0) return path;
  const resume = isSweep(path)
    ? [`osc train --multirun --resume ${given}    (go on with the sweep that lies there)`]
    : [];
  throw new UsageError(`The folder ${path} is not empty.`, 'A sweep needs one of its own.', [
    ...resume,
    '--sweep-dir ANOTHER_FOLDER',
  ]);
}

/**
 * Makes the folder of a new sweep; where another took the name in the same second, `NAME-2` and so on.
 *
 * @param isGiven the user named it: it may be there, empty
 */
export function makeSweepFolder(path: string, isGiven: boolean): string {
  mkdirSync(dirname(path), { recursive: true });
  for (let number = 1; ; number++) {
    const folder = number === 1 ? path : `${path}-${number}`;
    try {
      mkdirSync(folder);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      if (!isGiven) continue;
    }
    mkdirSync(join(folder, JOBS_FOLDER), { recursive: true });
    mkdirSync(launcherFolder(folder), { recursive: true });
    return folder;
  }
}

/** Sweeps under `multirun/`, newest first (the names sort by time). */
export function listSweeps(cwd: string): string[] {
  return foldersIn(join(cwd, MULTIRUN)).flatMap(foldersIn).filter(isSweep);
}

/**
 * Finds a sweep by its path, its name under `multirun/` (all of it, or without the time) or `latest`.
 *
 * @param command what the user typed before it, for the messages: `osc sweep status`
 * @throws UsageError when there is no such sweep
 */
export function findSweep(cwd: string, given: string, command: string): string {
  const sweeps = listSweeps(cwd);
  if (given === 'latest') {
    if (sweeps[0] !== undefined) return sweeps[0];
    throw new UsageError(`There is no sweep under ${join(cwd, MULTIRUN)}.`, undefined, [
      `${command} PATH_OF_THE_SWEEP`,
      'osc train --multirun KEY=VALUE,VALUE    (starts one)',
    ]);
  }
  const path = resolve(cwd, expandHome(given));
  if (isSweep(path)) return path;
  const named = sweeps.find((folder) => basename(folder) === given || basename(folder).endsWith(`_${given}`));
  if (named !== undefined) return named;
  throw new UsageError(
    existsSync(path) ? `${given} is no sweep.` : `There is no sweep ${given}.`,
    `A sweep has a file ${SWEEP_FILE}.`,
    [
      ...(isSweep(dirname(path)) ? [`${command} ${dirname(path)}    (the sweep that this run belongs to)`] : []),
      ...sweeps.slice(0, 3).map((folder) => `${command} ${folder}`),
    ],
  );
}

/** Last name first. Empty for what is no folder. */
function foldersIn(path: string): string[] {
  if (!statSync(path, { throwIfNoEntry: false })?.isDirectory()) return [];
  return readdirSync(path)
    .sort()
    .reverse()
    .map((name) => join(path, name));
}
