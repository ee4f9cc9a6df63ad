/** One process a run directory: two would write over each other's checkpoints and metrics. */
import { closeSync, openSync, readFileSync, rmSync, statSync, utimesSync, writeSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { UsageError } from '../sdk';

const LOCK_FILE = '.lock';
/** A lock of another machine, whose processes cannot be seen from here, is given up after so long without a sign. */
const STALE_MS = 5 * 60_000;
const SIGN_MS = 30_000;

interface Owner {
  readonly host: string;
  readonly pid: number;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'; // there, but of another user
  }
}

function ownerOf(path: string): Owner | undefined {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as Owner;
  } catch {
    return undefined; // gone meanwhile, or cut off when its owner was killed
  }
}

function isStale(path: string, owner: Owner | undefined): boolean {
  if (owner?.host === hostname()) return owner.pid === process.pid || !isAlive(owner.pid);
  const written = statSync(path, { throwIfNoEntry: false });
  return written === undefined || Date.now() - written.mtimeMs > STALE_MS;
}

/**
 * @returns gives the lock back
 * @throws UsageError when another process trains in that run directory
 */
export function lockRun(runDir: string): () => void {
  const path = join(runDir, LOCK_FILE);
  for (;;) {
    try {
      const file = openSync(path, 'wx');
      writeSync(file, JSON.stringify({ host: hostname(), pid: process.pid }));
      closeSync(file);
      break;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      const owner = ownerOf(path);
      if (!isStale(path, owner)) {
        const who = owner === undefined ? 'another process' : `process ${owner.pid} on ${owner.host}`;
        throw new UsageError(`The run in ${runDir} is being trained by ${who}.`, undefined, [
          'wait until it has ended, or stop it (it writes a checkpoint)',
          `rm ${path}    (if you know that it is gone)`,
        ]);
      }
      rmSync(path, { force: true });
    }
  }
  const sign = setInterval(() => {
    utimesSync(path, new Date(), new Date());
  }, SIGN_MS);
  sign.unref();
  return () => {
    clearInterval(sign);
    rmSync(path, { force: true });
  };
}
