/** `npm run results`: a page of run directories. */
import { basename, dirname, join, resolve } from 'node:path';
import { readRun, type RunRecord } from '../../run';
import { isReportedError, UsageError } from '../../sdk';
import { groupRuns, type NamedRun } from './group-runs';
import { literatureSection, readLiterature } from './literature';
import { writePage, type BrokenRun } from './page';
import { drawGroup, removePictures } from './pictures';

export interface ResultsInput {
  /** Run directories. */
  readonly runs: readonly string[];
  /** Folder for the page; its pictures go there, those of an earlier page are removed. */
  readonly output: string;
  /** File of what others report. */
  readonly literature: string;
}

export interface ResultsPage {
  /** Markdown. */
  readonly page: string;
  readonly read: number;
  /** Told on the page, too. */
  readonly broken: readonly BrokenRun[];
}

/**
 * Reads the runs and writes the pictures.
 *
 * @throws UsageError where none of them can be read
 */
export async function makeResults({ runs, output, literature }: ResultsInput): Promise<ResultsPage> {
  const folders = [...new Set(runs.map((run) => resolve(run)))];
  const records: RunRecord[] = [];
  const broken: BrokenRun[] = [];
  for (const folder of folders) {
    try {
      records.push(await readRun(folder));
    } catch (error) {
      if (!isReportedError(error)) throw error;
      broken.push({ name: basename(folder), problem: error.message });
    }
  }
  if (records.length === 0) {
    throw new UsageError(
      'None of the folders is a run that can be read.',
      broken.map(({ name, problem }) => `${name}: ${problem}`).join(' '),
      ['npm run results -- RUN_DIRECTORY... --output docs/results'],
    );
  }
  const section = literatureSection(readLiterature(literature));
  await removePictures(output);
  const groups = [];
  for (const group of groupRuns(named(records))) {
    groups.push({ ...group, pictures: await drawGroup(group, groups.length + 1, output) });
  }
  return { page: writePage({ groups, broken, literature: section }), read: records.length, broken };
}

/** Two folders of one name are told apart by the folder above. */
function named(records: readonly RunRecord[]): NamedRun[] {
  const names = records.map(({ folder }) => basename(folder));
  return records.map((record, i) => {
    const name = names[i]!;
    const isUnique = names.filter((other) => other === name).length === 1;
    return { ...record, name: isUnique ? name : join(basename(dirname(record.folder)), name) };
  });
}
