/** One installation at a time in a folder. */
import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { UsageError } from '../../../sdk/errors';
import { LockedError, takeLock } from '../../../util/lock';

const CANNOT_WRITE = ['EACCES', 'EEXIST', 'ENOENT', 'ENOTDIR', 'EPERM', 'EROFS'];

/** @returns what gives it back; @throws UsageError where another process installs, or the folder cannot be written */
export async function lockInstall(file: string): Promise<() => void> {
  try {
    mkdirSync(dirname(file), { recursive: true });
    const lock = await takeLock(file);
    return () => {
      lock.release();
    };
  } catch (error) {
    if (error instanceof LockedError) {
      throw new UsageError('Another process is installing this engine.', `It is ${error.who}.`, [
        'wait until it has ended',
        `delete ${error.file} where it has`,
      ]);
    }
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === undefined || !CANNOT_WRITE.includes(code)) throw error;
    throw new UsageError(`Engines cannot be installed in ${dirname(file)}.`, `${message}.`, [
      'OSC_ENGINES_DIR=FOLDER in the environment, one that can be written',
    ]);
  }
}
