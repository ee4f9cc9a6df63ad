/** The user's own folders. */
import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';

/** A path with a leading `~` replaced by the user's home folder, as a shell does. `~name` stays as it is. */
export function expandHome(path: string): string {
  return path.replace(/^~(?=$|[/\\])/, () => homedir());
}

/** Where programs keep what they can make again: `XDG_CACHE_HOME`, else `~/.cache`. */
export function cacheHome(env: NodeJS.ProcessEnv = process.env): string {
  return xdgFolder(env['XDG_CACHE_HOME']) ?? join(homedir(), '.cache');
}

/** Where programs keep what is not made again so easily: `XDG_DATA_HOME`, else `LOCALAPPDATA` on Windows, else `~/.local/share`. */
export function dataHome(env: NodeJS.ProcessEnv = process.env): string {
  const { XDG_DATA_HOME: xdg, LOCALAPPDATA: local } = env;
  return (
    xdgFolder(xdg) ?? (process.platform === 'win32' && local !== undefined ? local : join(homedir(), '.local', 'share'))
  );
}

/** The XDG base directory specification: a relative path is invalid and counts as not set. */
function xdgFolder(value: string | undefined): string | undefined {
  return value !== undefined && isAbsolute(value) ? value : undefined;
}
