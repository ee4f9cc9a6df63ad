/** Whose file it is: code in a file of somebody else's is not run, as with `safe.directory` of git. */
import { statSync } from 'node:fs';
import { delimiter, resolve, sep } from 'node:path';
import { UsageError } from '../sdk/errors';
import { expandHome } from '../util/home';
import { displayPath } from './origin';

/** Folders whose files may be anybody's: their paths, separated as in `PATH`; `*` for all. */
export const SAFE_FOLDERS = 'OSC_SAFE_FOLDERS';

/**
 * The user's own files and root's may hold code; so may those of who called `sudo`.
 *
 * @param what the file does, after its name: `runs code`
 * @throws UsageError for a file of another user outside {@link SAFE_FOLDERS}
 */
export function refuseCodeOfOthers(path: string, what: string): void {
  const user = process.geteuid?.();
  if (user === undefined) return; // Windows
  const { uid } = statSync(path);
  const trusted = [user, 0, ...(user === 0 ? [Number(process.env['SUDO_UID'] ?? 0)] : [])];
  if (trusted.includes(uid) || isSafe(path)) return;
  throw new UsageError(
    `The config file ${displayPath(path)} ${what}, and belongs to another user (${uid}; you are ${user}).`,
    'Config files are looked for upward from the working directory, so that one may lie where others can write. It was not run.',
    [`${SAFE_FOLDERS}=${resolve(path, '..')}    (if you trust what is there)`, 'a config file of your own'],
  );
}

function isSafe(path: string): boolean {
  const folders = (process.env[SAFE_FOLDERS] ?? '').split(delimiter).filter((folder) => folder !== '');
  return folders.some((folder) => folder === '*' || path.startsWith(resolve(expandHome(folder)) + sep));
}
