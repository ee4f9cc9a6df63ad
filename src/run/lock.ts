/** One process a run directory: two would write over each other's checkpoints and metrics. */
import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { RunError, UsageError } from '../sdk';
import { LockedError, takeLock, type LockTiming } from '../util/lock';
import { lookAtLock } from '../util/lock-file';

const LOCK_FILE = '.lock';

export interface RunLock {
  /** @throws RunError where the run directory is gone, or another process may train there now */
  throwIfLost(): void;
  /** Gives it back. */
  release(): void;
}

/**
 * @param tell a line for people, where it takes a while to see whether another process still trains
 * @throws UsageError when another process trains in that run directory
 */
export async function lockRun(runDir: string, tell: (line: string) => void, timing?: LockTiming): Promise<RunLock> {
  const file = join(runDir, LOCK_FILE);
  try {
    const lock = await takeLock(
      file,
      (who, seconds) => {
        tell(`${file} is of ${who}, which cannot be seen from here: waiting up to ${seconds} s for a sign of it.`);
      },
      timing,
    );
    return {
      throwIfLost() {
        if (!existsSync(runDir)) throw new RunError(`The run directory ${runDir} was removed.`);
        if (lock.lost) throw new RunError(`The lock ${file} was removed or taken.`, 'Another process may train there.');
      },
      release: () => {
        lock.release();
      },
    };
  } catch (error) {
    if (!(error instanceof LockedError)) throw error;
    throw new UsageError(`The run in ${runDir} is being trained by ${error.who}.`, undefined, [
      'wait until it has ended, or stop it (it writes a checkpoint)',
      `rm ${error.file}    (if you know that it is gone)`,
    ]);
  }
}

/** A lock of another machine is renewed every few seconds; clocks of machines differ by less. */
const SEEN_MS = 60_000;

/** Whether a process trains in that run directory, as far as can be seen at once. */
export function isTraining(runDir: string, now = Date.now()): boolean {
  const file = join(runDir, LOCK_FILE);
  const lock = lookAtLock(file);
  if (lock === null) return false;
  if (lock.state === 'lives') return true;
  const time = statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? -Infinity;
  return Math.abs(now - time) < SEEN_MS;
}
