/** `osc runs tag`, `osc runs note`: what people say of a run afterwards, kept in its folder. */
import { findOneRun, readNotes, writeNotes, type RunNotes } from '../../run';
import { UsageError } from '../../sdk/errors';
import { didYouMean } from '../../util/near-names';
import type { FolderInput } from '../input';

export interface TagRunInput extends FolderInput {
  /** A run: its path, its name, or `latest`. */
  readonly run: string;
  /** None: nothing is changed. */
  readonly tags?: readonly string[] | undefined;
  /** Takes these tags away; all where none is named. */
  readonly remove?: boolean | undefined;
}

export interface NoteRunInput extends FolderInput {
  /** A run: its path, its name, or `latest`. */
  readonly run: string;
  /** Takes the place of the note before. Undefined: nothing is changed. */
  readonly text?: string | undefined;
  /** Takes the note away. */
  readonly remove?: boolean | undefined;
}

/** What is kept in `notes.json`; the config has tags and notes of its own. */
export interface NotedRun extends RunNotes {
  /** Absolute. */
  readonly folder: string;
}

/** @throws UsageError for what is no run, cannot be a tag, or is no tag of it and should go */
export async function tagRun({ cwd = process.cwd(), run, tags = [], remove = false }: TagRunInput): Promise<NotedRun> {
  const folder = findOneRun(cwd, run, 'osc runs tag');
  const before = readNotes(folder);
  if (tags.length === 0 && !remove) return { folder, ...before };
  const missing = remove ? tags.find((tag) => !before.tags.includes(tag)) : undefined;
  if (missing !== undefined) {
    const has = before.tags.length === 0 ? 'It has none.' : `It has ${before.tags.join(', ')}.`;
    throw new UsageError(
      `The run has no tag ${missing}.`,
      didYouMean(missing, before.tags) ?? `${has} Those of its config (logging.tags) stay.`,
    );
  }
  const left = tags.length === 0 ? [] : before.tags.filter((tag) => !tags.includes(tag));
  const notes = { ...before, tags: remove ? left : [...new Set([...before.tags, ...tags])] };
  await writeNotes(folder, notes);
  return { folder, ...notes };
}

/** @throws UsageError for what is no run, and a text of none or too many characters */
export async function noteRun({ cwd = process.cwd(), run, text, remove = false }: NoteRunInput): Promise<NotedRun> {
  const folder = findOneRun(cwd, run, 'osc runs note');
  const before = readNotes(folder);
  if (text === undefined && !remove) return { folder, ...before };
  if (text !== undefined && remove) throw new UsageError('A note is written or removed, not both.');
  if (text?.trim() === '') {
    throw new UsageError('The note is empty.', undefined, [`osc runs note ${run} --remove    (takes the note away)`]);
  }
  const notes = { ...before, note: text ?? null };
  await writeNotes(folder, notes);
  return { folder, ...notes };
}
