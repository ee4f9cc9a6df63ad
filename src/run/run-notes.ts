/** `notes.json`: what people say of a run afterwards. What its config says (`logging.tags`, `logging.notes`) stays as it was. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { UsageError } from '../sdk';
import { writeFileAtomically } from '../util/durable-files';
import { listOf } from '../util/zod-problems';
import { explainDiskError } from './explain-disk-error';
import { readRunFile } from './read-run-file';

export const NOTES_FILE = 'notes.json';

const schema = z.object({ tags: listOf(z.string()).default([]), note: z.string().nullable().default(null) });

export interface RunNotes {
  /** In the order in which they were given, each once. */
  readonly tags: readonly string[];
  readonly note: string | null;
}

/** Nothing where there is no such file. @throws UsageError where it is damaged */
export function readNotes(run: string): RunNotes {
  const file = join(run, NOTES_FILE);
  return existsSync(file) ? readRunFile(file, JSON.parse, schema) : { tags: [], note: null };
}

const MAX_TAG = 100;
const MAX_NOTE = 10_000;

/** @throws UsageError for tags and notes that cannot be told on a line, RunError where the file cannot be written */
export async function writeNotes(run: string, notes: RunNotes): Promise<void> {
  for (const tag of notes.tags) checkTag(tag);
  if (notes.note !== null && notes.note.length > MAX_NOTE) {
    throw new UsageError(`A note has at most ${MAX_NOTE} characters, and this one has ${notes.note.length}.`);
  }
  const file = join(run, NOTES_FILE);
  try {
    await writeFileAtomically(file, `${JSON.stringify({ tags: notes.tags, note: notes.note }, null, 2)}\n`);
  } catch (error) {
    throw explainDiskError(error, file, []);
  }
}

function checkTag(tag: string): void {
  if (tag.trim() === '' || tag.length > MAX_TAG || /[\p{Cc},]/u.test(tag)) {
    throw new UsageError(
      `${JSON.stringify(tag.slice(0, MAX_TAG))} cannot be a tag.`,
      `A tag is one to ${MAX_TAG} characters on one line, without a comma.`,
    );
  }
}
