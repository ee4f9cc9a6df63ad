/** Builds `disk-shim.cc`, which makes a full disk or a crash at one certain operation on a run's files. Linux with a C++ compiler. */
import { spawnSync } from 'node:child_process';
import { constants } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const SOURCE = fileURLToPath(new URL('disk-shim.cc', import.meta.url));

/** @returns the library's path; null where there is no compiler, or another system: then moments are drawn in milliseconds alone */
export function buildDiskShim(folder) {
  if (process.platform !== 'linux') return null;
  const library = join(folder, 'disk-shim.so');
  const [compiler, ...launched] = (process.env.CXX || 'g++').split(' ');
  const flags = ['-shared', '-fPIC', '-O1', '-o', library, SOURCE, '-ldl'];
  const { status } = spawnSync(compiler, [...launched, ...flags], { stdio: 'ignore' });
  return status === 0 ? library : null;
}

/**
 * The environment of a process that is watched.
 *
 * @param what `signal` at operation `at`, `torn` in the middle of it; `fullAfter` bytes, `fullFor` operations; `count` to a file
 */
export function watchedBy(library, dir, { signal, at, torn, fullAfter, fullFor, count } = {}) {
  const text = (value) => (value === undefined ? undefined : String(value));
  return {
    LD_PRELOAD: library,
    CHAOS_DIR: dir,
    CHAOS_SIGNAL: signal && String(constants.signals[signal]),
    CHAOS_AT: text(at),
    CHAOS_TORN: torn ? '1' : undefined,
    CHAOS_FULL_AFTER: text(fullAfter),
    CHAOS_FULL_FOR: text(fullFor),
    CHAOS_COUNT: count,
  };
}
