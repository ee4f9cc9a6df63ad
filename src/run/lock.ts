/** One process a run directory: two would write over each other's checkpoints and metrics. */
import { join } from 'node:path';
import { UsageError } from '../sdk';
import { LockedError, takeLock } from '../util/lock';

const LOCK_FILE = '.lock';

/**
 * @returns gives the lock back
 * @throws UsageError when another process trains in that run directory
 */
export function lockRun(runDir: string): () => void {
  try {
    return takeLock(join(runDir, LOCK_FILE));
  } catch (error) {
    if (!(error instanceof LockedError)) throw error;
    throw new UsageError(`The run in ${runDir} is being trained by ${error.who}.`, undefined, [
      'wait until it has ended, or stop it (it writes a checkpoint)',
      `rm ${error.file}    (if you know that it is gone)`,
    ]);
  }
}
