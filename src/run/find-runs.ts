/** What a user means by `RUN`, `SWEEP` or `DIR` where commands look at many runs. */
import { existsSync, readdirSync, statSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { UsageError } from '../sdk';
import { expandHome } from '../util/home';
import { didYouMean } from '../util/near-names';
import { CHECKPOINTS, isRun, OUTPUTS, OVERRIDES_FILE } from './directory';

/** Sweeps lie there, as `DATE/TIME_NAME`. */
export const MULTIRUN = 'multirun';
/** A folder with this file is a sweep: its runs are the folders `000`, `001` … in it. */
export const SWEEP_FILE = 'sweep.yaml';

/** From a working directory to the runs of its sweeps, and one more. */
const MAX_DEPTH = 5;

export function isSweep(path: string): boolean {
  return existsSync(join(path, SWEEP_FILE));
}

/** Runs in a folder and below, in the order of their names; links are not followed. */
export function runsUnder(folder: string, depth = MAX_DEPTH): string[] {
  // a project may have a config.yaml of its own
  if (isRun(folder) && existsSync(join(folder, OVERRIDES_FILE))) return [folder];
  if (depth === 0) return [];
  return foldersIn(folder).flatMap((path) => runsUnder(path, depth - 1));
}

/** Not those that no run lies in. */
function foldersIn(path: string): string[] {
  let entries;
  try {
    entries = readdirSync(path, { withFileTypes: true });
  } catch {
    return []; // not ours to read, or gone
  }
  return entries
    .filter((entry) => entry.isDirectory() && !entry.name.startsWith('.') && !SKIPPED.includes(entry.name))
    .map(({ name }) => join(path, name))
    .sort();
}

const SKIPPED = ['node_modules', CHECKPOINTS];

/**
 * The runs that are meant: a run or a checkpoint's run, all runs of a sweep, all below a folder; by path, by name (`brave-dune`,
 * `07-05-00_grid`, `grid/003`) or `latest`. Each once, in the order in which they are named.
 *
 * @param given what the user wrote; nothing: all under `outputs/` and `multirun/`
 * @param command what the user typed before it, for the messages: `osc runs list`
 * @throws UsageError for what is not there, and for a folder without runs
 */
export function findRuns(cwd: string, given: readonly string[], command: string): string[] {
  const all = (): string[] => [OUTPUTS, MULTIRUN].flatMap((name) => runsUnder(join(cwd, name)));
  if (given.length > 0) return [...new Set(given.flatMap((one) => runsMeant(cwd, one, all, command)))];
  const runs = all();
  if (runs.length > 0) return runs;
  throw new UsageError(`There is no run under ${join(cwd, OUTPUTS)} or ${join(cwd, MULTIRUN)}.`, undefined, [
    `${command} FOLDER_WITH_RUNS`,
    'osc train +exp=demo',
  ]);
}

/** The one run that is meant. @throws UsageError as {@link findRuns}, and for a sweep or a folder of several */
export function findOneRun(cwd: string, given: string, command: string): string {
  const runs = findRuns(cwd, [given], command);
  if (runs.length === 1) return runs[0]!;
  throw new UsageError(
    `${given} is ${isSweep(resolve(cwd, expandHome(given))) ? 'a sweep' : 'a folder'} of ${runs.length} runs; one is asked for.`,
    undefined,
    runs.slice(0, 3).map((run) => `${command} ${run}`),
  );
}

function runsMeant(cwd: string, given: string, all: () => string[], command: string): string[] {
  const path = resolve(cwd, expandHome(given));
  if (given !== '' && statSync(path, { throwIfNoEntry: false })?.isDirectory() === true) {
    const runs = runsUnder(path);
    if (runs.length > 0) return runs;
    const run = runAround(path);
    if (run !== undefined) return [run];
    if (given !== 'latest') throw emptyFolder(given, path, command);
  }
  const runs = all();
  if (given === 'latest' && runs.length > 0) return [runs.reduce((a, b) => (timeOf(a) > timeOf(b) ? a : b))];
  const named = runs.filter((run) => isCalled(run, given));
  const newest = named.at(-1);
  if (newest !== undefined) return [newest];
  const sweeps = [...new Set(runs.map((run) => dirname(run)))].filter(isSweep);
  const sweep = sweeps.filter((folder) => isNamed(basename(folder), given)).at(-1);
  if (sweep !== undefined) return runs.filter((run) => dirname(run) === sweep);
  throw notThere(given, path, [...runs, ...sweeps], command);
}

/** The folder itself, where it lacks a file, or the run that a checkpoint is of. */
function runAround(path: string): string | undefined {
  if (isRun(path)) return path;
  const run = dirname(dirname(path));
  return basename(dirname(path)) === CHECKPOINTS && isRun(run) ? run : undefined;
}

const isNamed = (name: string, given: string): boolean => name === given || name.endsWith(`_${given}`);

/** By the name of its folder, with or without the time; of a run of a sweep with that of the sweep before. */
function isCalled(run: string, given: string): boolean {
  const [name, parent = ''] = [basename(run), basename(dirname(run))];
  if (!given.includes('/')) return !isSweep(dirname(run)) && isNamed(name, given);
  const [above, own, ...more] = given.split('/');
  return more.length === 0 && own === name && isNamed(parent, above!);
}

/** As the folders say: `DATE/TIME_NAME`, and below it for a sweep. */
function timeOf(run: string): string {
  const own = isSweep(dirname(run)) ? dirname(run) : run;
  return `${basename(dirname(own))}/${basename(own)}/${basename(run)}`;
}

function emptyFolder(given: string, path: string, command: string): UsageError {
  return isSweep(path)
    ? new UsageError(`The sweep ${given} has no run yet.`, undefined, [`osc sweep status ${given}`])
    : new UsageError(
        `There is no run in ${given}.`,
        `A run is a folder with a config.yaml; ${MAX_DEPTH} folders down were looked at.`,
        [`${command} ANOTHER_FOLDER`],
      );
}

function notThere(given: string, path: string, known: readonly string[], command: string): UsageError {
  if (given === '') return new UsageError('The name of a run is empty.');
  if (existsSync(path)) return new UsageError(`${given} is a file; a run is a folder with a config.yaml.`);
  const names = known.flatMap((folder) => [basename(folder), basename(folder).replace(/^[\d-]+_/, '')]);
  const near = didYouMean(given, names);
  return new UsageError(`There is no run, sweep or folder ${given}.`, near, ['osc runs list', `${command} PATH`]);
}
