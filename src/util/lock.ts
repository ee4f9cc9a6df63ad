/**
 * A lock is a file that one process makes and holds: two that work in one folder would write over each other. It says who holds
 * it, and its time is renewed while the holder lives. Why not a library: docs/decisions/locks.md.
 */
import { closeSync, fstatSync, openSync, rmSync } from 'node:fs';
import { resolve } from 'node:path';
import { isHeldBy, tryLock, type OtherLock } from './lock-file';
import { startHeartbeat } from './lock-heartbeat';
import { thisHolder, type LockHolder } from './lock-holder';

export interface LockTiming {
  /** A lock is renewed so often. */
  readonly beatMs: number;
  /** One whose holder cannot be seen from here is given up when it was not renewed for so long. */
  readonly staleMs: number;
}

const TIMING: LockTiming = { beatMs: 2_000, staleMs: 20_000 };

export interface Lock {
  /** The file was removed, or another process has taken it. */
  readonly lost: boolean;
  /** Gives it back. */
  release(): void;
}

/** Another process holds the lock, or this one does already. */
export class LockedError extends Error {
  /** @param holder undefined where the file does not say */
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

/**
 * Takes the lock. One whose holder was killed is taken over: at once where that can be seen, and otherwise (another machine or
 * container, a lock that was cut off) when it is not renewed while this waits.
 *
 * @param path of the lock's file, in a folder that is there
 * @param onWait told of whom the lock is, before this waits
 * @throws LockedError where somebody holds it; whatever Node throws where the file cannot be written
 */
export async function takeLock(
  path: string,
  onWait: (who: string, seconds: number) => void = () => undefined,
  { beatMs, staleMs }: LockTiming = TIMING,
): Promise<Lock> {
  const file = resolve(path);
  const me = thisHolder();
  const isGone = watching(file, staleMs);
  let told = false;
  for (;;) {
    const other = tryLock(file, me, isGone);
    if (other === null) break;
    if (other.state === 'lives' || isGone.beats(other)) throw new LockedError(file, other.holder);
    if (!told) onWait(whoHolds(other.holder), staleMs / 1000);
    told = true;
    await new Promise((resolve) => setTimeout(resolve, Math.min(beatMs, 500)));
  }
  return hold(file, me, beatMs);
}

interface Watch {
  /** Its time has not changed for long enough. */
  (lock: OtherLock): boolean;
  /** Its time has changed under our eyes. */
  beats(lock: OtherLock): boolean;
}

/** Looks whether a lock is renewed. Clocks of machines differ: what counts is that its time changes, not what it is. */
function watching(file: string, staleMs: number): Watch {
  const seen = new Map<string, { readonly time: number; readonly since: number }>();
  const first = (name: string, time: number): { time: number; since: number } => {
    const known = seen.get(name) ?? { time, since: performance.now() };
    seen.set(name, known);
    return known;
  };
  const isGone = ({ name }: OtherLock): boolean => {
    const time = timeOf(file);
    const known = first(name, time);
    return known.time === time && performance.now() - known.since >= staleMs;
  };
  return Object.assign(isGone, { beats: ({ name }: OtherLock) => first(name, timeOf(file)).time !== timeOf(file) });
}

/** Opened for it: over a network, what a file was last known to be is not asked again otherwise. -1 where it is gone. */
function timeOf(file: string): number {
  let handle: number;
  try {
    handle = openSync(file, 'r');
  } catch {
    return -1;
  }
  try {
    return fstatSync(handle).mtimeMs;
  } finally {
    closeSync(handle);
  }
}

/** Locks that this process holds, to be given back however it ends. */
const held = new Set<() => void>();
let givesBack = false;

function hold(file: string, me: LockHolder, beatMs: number): Lock {
  const heartbeat = startHeartbeat(file, me, beatMs);
  const remove = (): void => {
    held.delete(remove);
    // what was taken over is not ours to remove
    if (isHeldBy(file, me)) rmSync(file, { force: true });
  };
  held.add(remove);
  if (!givesBack) process.on('exit', giveBackAll);
  givesBack = true;
  return {
    get lost() {
      return heartbeat.lost;
    },
    release() {
      heartbeat.stop();
      if (held.has(remove)) remove();
    },
  };
}

function giveBackAll(): void {
  for (const remove of held) {
    try {
      remove();
    } catch {
      // the folder has gone, or its server: whoever comes next sees that this process has ended
    }
  }
}
