/** Many runs, each with a name to tell it by; one that is damaged takes none of the others with it. */
import { basename, dirname } from 'node:path';
import { findRuns, isSweep, readRunOverview, type RunOverview } from '../../run';
import { isReportedError, UsageError } from '../../sdk/errors';
import type { FolderInput } from '../input';

export interface RunsInput extends FolderInput {
  /**
   * Runs, sweeps and folders with runs below them: paths, names, or `latest`. Default: all under `outputs/` and `multirun/` of the
   * working directory.
   */
  readonly runs?: readonly string[] | undefined;
}

/** A folder that could not be read. */
export interface BrokenRun {
  /** Absolute. */
  readonly folder: string;
  readonly problem: string;
}

/** A run and what it is told by: the end of its path, as much of it as no other run here has. */
export interface NamedRun extends RunOverview {
  readonly label: string;
}

export interface ReadRuns {
  readonly runs: readonly NamedRun[];
  readonly broken: readonly BrokenRun[];
}

/**
 * @param command what the user typed, for messages: `osc runs list`
 * @throws UsageError for what is not there, and where none of the runs can be read
 */
export async function readRuns(
  { cwd = process.cwd(), runs = [] }: RunsInput,
  command: string,
  metrics: 'ends' | 'all',
): Promise<ReadRuns> {
  const read: RunOverview[] = [];
  const broken: BrokenRun[] = [];
  for (const folder of findRuns(cwd, runs, command)) {
    try {
      read.push(await readRunOverview(folder, { metrics }));
    } catch (error) {
      if (!isReportedError(error)) throw error;
      broken.push({ folder, problem: error.message });
    }
  }
  if (read.length === 0) {
    throw new UsageError(
      broken.length === 1 ? 'The run cannot be read.' : 'None of the runs can be read.',
      broken
        .slice(0, 3)
        .map(({ problem }) => problem)
        .join(' '),
    );
  }
  const labels = labelsOf(read.map(({ folder }) => folder));
  return { runs: read.map((run, i) => ({ ...run, label: labels[i]! })), broken };
}

/** Ends of paths: of runs of one sweep their numbers, of runs of several with the name of the sweep. */
export function labelsOf(folders: readonly string[]): string[] {
  const parents = new Set(folders.map((folder) => dirname(folder)));
  const isOneFolder = parents.size === 1;
  const labels = folders.map((folder) => {
    const name = basename(folder);
    return isOneFolder || !isSweep(dirname(folder)) ? name : `${basename(dirname(folder))}/${name}`;
  });
  const counts = new Map<string, number>();
  for (const label of labels) counts.set(label, (counts.get(label) ?? 0) + 1);
  // names of two days may be the same
  return labels.map((label, i) => (counts.get(label) === 1 ? label : longer(folders[i]!, label)));
}

function longer(folder: string, label: string): string {
  let above = folder;
  for (let parts = label.split('/').length; parts > 0; parts--) above = dirname(above);
  return `${basename(above)}/${label}`;
}
