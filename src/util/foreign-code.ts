/** Whose code runs in this process besides osc's own, so that what goes wrong in it is told with its name. */
import { realpathSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** A plugin's package, or a config file that is a script. */
export interface ForeignCode {
  readonly kind: 'plugin' | 'config file';
  /** Of the package; of a config file its path. */
  readonly name: string;
  /** Absolute path of its folder, or of the one file. */
  readonly path: string;
}

const loaded: ForeignCode[] = [];
const waited = new Map<symbol, string>();

/** Call it before the code is loaded: it may fail as it is. */
export function noteForeignCode(code: ForeignCode): void {
  const paths = new Set([code.path, realPath(code.path)]);
  for (const path of paths) {
    if (!loaded.some((other) => other.path === path)) loaded.push({ ...code, path });
  }
}

/** Whatever was loaded so far, each once. */
export function foreignCode(): ForeignCode[] {
  return [...new Map(loaded.map((code) => [code.name, code])).values()];
}

/** Whose code stands in a stack, if anyone's: the innermost frame that is not osc's or Node's. */
export function ownerOf(stack: string): ForeignCode | undefined {
  for (const line of stack.split('\n')) {
    const [, written] = /((?:file:\/\/)?(?:\/|[A-Za-z]:[\\/]).*?)(?::\d+){1,2}\)?$/.exec(line) ?? [];
    if (written === undefined || !/^\s+at /.test(line)) continue;
    const file = pathOf(written);
    const owner = loaded
      .filter(({ path }) => file === path || file.startsWith(`${path}/`) || file.startsWith(`${path}\\`))
      // a plugin may lie in the folder of another
      .sort((a, b) => b.path.length - a.path.length)[0];
    if (owner !== undefined) return owner;
  }
  return undefined;
}

/**
 * Does work that waits for code of others. Where nothing is left to wait for, {@link waitingFor} says what it was.
 *
 * @param what e.g. `the callback x of osc-plugin-x, in onStart`
 */
export async function awaitForeign<T>(what: string, work: () => T | Promise<T>): Promise<T> {
  const key = Symbol(what);
  waited.set(key, what);
  try {
    return await work();
  } finally {
    waited.delete(key);
  }
}

/** What is waited for now, the innermost last. */
export function waitingFor(): string[] {
  return [...waited.values()];
}

/** Keys that code has added to what all objects or lists have: every loop over keys then sees them, in libraries too. */
export function patchedPrototypes(): string[] {
  const objects = Object.keys(Object.prototype).map((key) => `Object.prototype.${key}`);
  return [...objects, ...Object.keys(Array.prototype).map((key) => `Array.prototype.${key}`)];
}

function pathOf(written: string): string {
  try {
    return written.startsWith('file:') ? fileURLToPath(written) : written;
  } catch {
    return written;
  }
}

function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}
