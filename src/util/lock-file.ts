/**
 * The file of a lock: made whole or not at all, and handed on by exactly one of all who try. Nothing here waits.
 *
 * One that is stale may not simply be deleted: another process may have taken it over meanwhile, and it would be the new lock that
 * goes. So who wants to take over a lock first takes a lock on doing so, whose name has that of the stale one in it; looks again; and
 * puts its own in the place by renaming. That second lock is taken by the same rules: who is killed while holding it blocks nobody.
 */
import { createHash } from 'node:crypto';
import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { parseHolder, stateOf, type LockHolder } from './lock-holder';
import { readRegularFile } from './regular-file';

/** Somebody else's lock, as it is now. */
export interface OtherLock {
  /** Undefined where it does not say. */
  readonly holder: LockHolder | undefined;
  readonly state: 'lives' | 'unseen';
  /** Differs from lock to lock. */
  readonly name: string;
}

/**
 * Makes the lock; takes it over from one that is gone.
 *
 * @param me becomes the holder
 * @param isGone says of a lock that is `unseen` that it is gone all the same
 * @returns null when it is taken, else whose it is
 */
export function tryLock(
  file: string,
  me: LockHolder,
  isGone: (lock: OtherLock) => boolean = () => false,
): OtherLock | null {
  for (;;) {
    const text = readLock(file);
    if (text === undefined) {
      if (makeFile(file, me)) return null;
      continue; // another was quicker
    }
    const found = describe(text);
    if (found.state !== 'gone') {
      const other = { ...found, state: found.state };
      if (other.state === 'lives' || !isGone(other)) return other;
    }
    const guard = `${file}.${found.name}`;
    const quicker = tryLock(guard, me, isGone);
    if (quicker !== null) return quicker; // is taking it over right now
    try {
      // whoever had the guard before may have put its own there
      if (readLock(file) !== text) continue;
      replaceFile(file, me);
      return null;
    } finally {
      rmSync(guard, { force: true });
    }
  }
}

/** Bytes: a lock is a line. */
const MAX_LOCK = 2 ** 16;

/** Whose lock it is, for who does not want it; null where there is none, or one that is gone. What is no file is nobody's. */
export function lookAtLock(file: string): OtherLock | null {
  let text: string;
  try {
    text = readRegularFile(file, MAX_LOCK).toString();
  } catch {
    return null;
  }
  const { state, ...found } = describe(text);
  return state === 'gone' ? null : { ...found, state };
}

/** Whether the lock is this holder's. */
export function isHeldBy(file: string, me: LockHolder): boolean {
  return parseHolder(readLock(file) ?? '')?.token === me.token;
}

function describe(text: string): { holder: LockHolder | undefined; state: ReturnType<typeof stateOf>; name: string } {
  const holder = parseHolder(text);
  return { holder, state: stateOf(holder), name: createHash('sha256').update(text).digest('hex').slice(0, 16) };
}

/** Undefined where there is none. */
function readLock(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** @returns false where the file is there already */
function makeFile(file: string, me: LockHolder): boolean {
  const whole = writeBeside(file, me);
  try {
    linkSync(whole, file);
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST') return false;
    if (code === 'ENOENT' || code === 'EACCES' || code === 'EROFS') throw error;
    return makeWithoutLinks(file, me);
  } finally {
    rmSync(whole, { force: true });
  }
}

/** For file systems that have no links: for a moment the lock says nothing, and is `unseen`. */
function makeWithoutLinks(file: string, me: LockHolder): boolean {
  try {
    writeFileSync(file, JSON.stringify(me), { flag: 'wx' });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

function replaceFile(file: string, me: LockHolder): void {
  renameSync(writeBeside(file, me), file);
}

function writeBeside(file: string, me: LockHolder): string {
  const beside = `${file}.${me.token}.new`;
  writeFileSync(beside, JSON.stringify(me));
  return beside;
}
