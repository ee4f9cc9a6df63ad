/**
 * How many records a file holds. A gzip file must be unpacked to know (the published ones to 300 GB), so the count is
 * kept beside it, or in the user's cache folder where that cannot be written.
 */
import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { cacheHome } from '../../util/home';
import { readRegularFile } from '../../util/regular-file';
import { isReportedError } from '../errors';
import type { Progress } from '../logger';
import { writeFileAtomically } from './atomic-file';
import { countRecords } from './tfrecord-reader';

const TAIL_BYTES = 8;
const MEGABYTE = 1e6;

interface CountNote {
  readonly records: number;
  /** Counting stopped there: the file may have more. */
  readonly atLeast?: boolean;
  /** Size and last bytes of the file counted (of gzip: checksum and length of all it unpacks to); others are recounted. */
  readonly bytes: number;
  readonly tail: string;
  /** SHA-256 of the rest: a number that a disk has changed would cut a data set short. */
  readonly sha256: string;
}

function sha256({ records, atLeast, bytes, tail }: Omit<CountNote, 'sha256'>): string {
  return createHash('sha256')
    .update(JSON.stringify([records, atLeast, bytes, tail]))
    .digest('hex');
}

async function fingerprint(file: string): Promise<{ bytes: number; tail: string }> {
  const handle = await open(file, 'r');
  try {
    const { size } = await handle.stat();
    const tail = Buffer.alloc(Math.min(TAIL_BYTES, size));
    await handle.read(tail, 0, tail.length, size - tail.length);
    return { bytes: size, tail: tail.toString('hex') };
  } finally {
    await handle.close();
  }
}

/** Where the count may be, in order of preference. */
function noteFiles(file: string): string[] {
  const key = createHash('sha256').update(resolve(file)).digest('hex').slice(0, 16);
  return [
    join(dirname(file), `.${basename(file)}.count.json`),
    join(cacheHome(), 'osc', 'record-counts', `${key}.json`),
  ];
}

/** Bytes. */
const MAX_NOTE = 1000;

function readNote(noteFile: string): Partial<CountNote> | undefined {
  try {
    return JSON.parse(readRegularFile(noteFile, MAX_NOTE).toString()) as Partial<CountNote>;
  } catch {
    return undefined; // not there, or no JSON: then the records are counted
  }
}

function isWhole(note: Partial<CountNote>): note is CountNote {
  const { records, bytes, tail } = note;
  if (records === undefined || bytes === undefined || tail === undefined) return false;
  return isCount(records) && note.sha256 === sha256({ ...note, records, bytes, tail });
}

function isCount(value: unknown): boolean {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

/**
 * The count kept of a file, no higher than `limit`; undefined if there is none, it did not go so far, or the file has
 * changed since.
 */
export async function knownRecordCount(file: string, limit = Infinity): Promise<number | undefined> {
  const now = await fingerprint(file);
  for (const noteFile of noteFiles(file)) {
    const note = readNote(noteFile);
    if (note?.bytes !== now.bytes || note.tail !== now.tail || !isWhole(note)) continue;
    if (note.atLeast !== true || note.records >= limit) return Math.min(note.records, limit);
  }
  return undefined;
}

/**
 * Keeps the count of a file for the next run. False if neither place can be written; then it is counted again.
 * @param atLeast counting stopped there: the file may have more
 */
export async function keepRecordCount(file: string, records: number, atLeast = false): Promise<boolean> {
  const counted = { records, ...(atLeast && { atLeast }), ...(await fingerprint(file)) };
  const note: CountNote = { ...counted, sha256: sha256(counted) };
  for (const noteFile of noteFiles(file)) {
    try {
      await writeFileAtomically(noteFile, `${JSON.stringify(note)}\n`);
      return true;
    } catch (error) {
      if (!isReportedError(error)) throw error; // a folder that cannot be written: try the next
    }
  }
  return false;
}

/**
 * Number of records of a file, or `limit` if it has more: as kept, else counted (with progress) and kept.
 * @param limit counting stops there; of a long file much less is unpacked then
 * @throws RunError for a truncated or unreadable file
 */
export async function recordCount(file: string, progress: Progress, limit = Infinity): Promise<number> {
  const known = await knownRecordCount(file, limit);
  if (known !== undefined) return known;
  const label = `Counting the records of ${basename(file)}`;
  let counted = 0;
  if (limit === Infinity) progress.start(label, (await fingerprint(file)).bytes / MEGABYTE, 'MB');
  else progress.start(label, limit, 'records');
  try {
    const onRead = (bytes: number): void => progress.update(limit === Infinity ? bytes / MEGABYTE : ++counted);
    const records = await countRecords(file, onRead, limit);
    await keepRecordCount(file, records, records === limit);
    return records;
  } finally {
    progress.stop();
  }
}
