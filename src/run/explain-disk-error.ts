import { RunError } from '../sdk';
import { diskProblem } from '../util/disk-problem';

/** A failed write told for people; anything else is returned as it is. */
export function explainDiskError(error: unknown, path: string, hints: readonly string[]): unknown {
  const why = diskProblem(error);
  return why === undefined ? error : new RunError(`Could not write ${path}.`, why, hints, { cause: error });
}
