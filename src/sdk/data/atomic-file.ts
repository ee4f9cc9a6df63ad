import { resolve, sep } from 'node:path';
import { diskProblem } from '../../util/disk-problem';
import * as durable from '../../util/durable-files';
import { cacheHome } from '../../util/home';
import { RunError, UsageError } from '../errors';

/** The failure of a write as an error for people. */
export function writeFailure(file: string, error: unknown): UsageError | RunError {
  if (error instanceof durable.FileExistsError) {
    return new UsageError(error.message, 'It is not overwritten unasked.', [], { cause: error });
  }
  const why = diskProblem(error) ?? `${(error as Error).message}.`;
  const hints = inCache(file) ? [`XDG_CACHE_HOME=FOLDER osc …    (another folder for what can be made again)`] : [];
  return new RunError(`Writing ${file} failed; nothing of it was kept.`, why, hints, { cause: error });
}

/** In containers of another user, home is often a folder that cannot be written. */
function inCache(file: string): boolean {
  return resolve(file).startsWith(cacheHome() + sep);
}

/**
 * Writes a file whole or not at all, whatever happens meanwhile. Makes its folder if need be.
 *
 * @param content or pieces of it, for what is too much for memory
 * @throws UsageError if the file is there and `overwrite` is false; RunError if it cannot be written
 */
export async function writeFileAtomically(
  file: string,
  content: string | Uint8Array | AsyncIterable<string>,
  overwrite = true,
): Promise<void> {
  try {
    await durable.writeFileAtomically(file, content, overwrite);
  } catch (error) {
    throw writeFailure(file, error);
  }
}
