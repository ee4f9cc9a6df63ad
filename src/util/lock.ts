/**
 * A lock is a file that one process makes and holds: two that work in one folder would write over each other. It says who holds
 * it, and its time is renewed while the holder lives.
 */
import { closeSync, openSync, readFileSync, rmSync, statSync, utimesSync, writeSync } from 'node:fs';
import { hostname } from 'node:os';
import { resolve } from 'node:path';
import { isProcessAlive } from './process-alive';

/** A lock of another machine, whose processes cannot be seen from here, is given up when it was not renewed for so long. */
const STALE_MS = 5 * 60_000;
const RENEWAL_MS = 30_000;

export interface LockHolder {
  readonly host: string;
  readonly pid: number;
}

/** Another process holds the lock, or this one does already. */
export class LockedError extends Error {
  /** @param holder undefined where the file does not say: it may be just being written */
  constructor(
    readonly file: string,
    readonly holder: LockHolder | undefined,
  ) {
    super(`${file} is held by ${whoHolds(holder)}.`);
  }

  /** E.g. `process 17 on node3`. */
  get who(): string {
    return whoHolds(this.holder);
  }
}

function whoHolds(holder: LockHolder | undefined): string {
  return holder === undefined ? 'another process' : `process ${holder.pid} on ${holder.host}`;
}

/** Files of the locks that this process holds. */
const held = new Set<string>();

/**
 * Takes the lock. One whose holder was killed is taken over.
 *
 * @param path of the lock's file, in a folder that is there
 * @returns what gives it back
 * @throws LockedError where somebody holds it; whatever Node throws where the file cannot be written
 */
export function takeLock(path: string): () => void {
  const file = resolve(path);
  while (!makeFile(file)) {
    const holder = holderOf(file);
    if (!isStale(file, holder)) throw new LockedError(file, holder);
    rmSync(file, { force: true });
  }
  held.add(file);
  const renewal = setInterval(() => {
    utimesSync(file, new Date(), new Date());
  }, RENEWAL_MS);
  renewal.unref();
  return () => {
    clearInterval(renewal);
    held.delete(file);
    rmSync(file, { force: true });
  };
}

/** @returns false where the file is there already */
function makeFile(file: string): boolean {
  let handle: number;
  try {
    handle = openSync(file, 'wx');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
  try {
    writeSync(handle, JSON.stringify({ host: hostname(), pid: process.pid } satisfies LockHolder));
  } finally {
    closeSync(handle);
  }
  return true;
}

function holderOf(file: string): LockHolder | undefined {
  try {
    const { host, pid } = JSON.parse(readFileSync(file, 'utf8')) as Partial<LockHolder>;
    return typeof host === 'string' && typeof pid === 'number' ? { host, pid } : undefined;
  } catch {
    return undefined; // gone meanwhile, or cut off when its holder was killed
  }
}

function isStale(file: string, holder: LockHolder | undefined): boolean {
  // in a container a process may have the number that its killed predecessor had
  if (holder?.host === hostname()) return holder.pid === process.pid ? !held.has(file) : !isProcessAlive(holder.pid);
  const written = statSync(file, { throwIfNoEntry: false });
  return written === undefined || Date.now() - written.mtimeMs > STALE_MS;
}
