import { existsSync } from 'node:fs';
import { RunError } from '../sdk';
import { diskProblem } from '../util/disk-problem';

/** A failed write told for people; anything else is returned as it is. */
export function explainDiskError(error: unknown, path: string, hints: readonly string[]): unknown {
  if (isNotThere(error) && !existsSync(path)) {
    return new RunError(`${path} is not there any more.`, 'Something removed it while it was being written.', hints, {
      cause: error,
    });
  }
  const why = diskProblem(error);
  return why === undefined ? error : new RunError(`Could not write ${path}.`, why, hints, { cause: error });
}

function isNotThere(error: unknown): boolean {
  const code = (error as NodeJS.ErrnoException | undefined)?.code;
  return code === 'ENOENT' || code === 'ESTALE';
}
