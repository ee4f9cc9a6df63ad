/** The run directory of a training: making and locking it, and the files that say what is trained. */
import { join } from 'node:path';
import { printConfig, type OscConfig } from '../../config';
import type { Registry } from '../../registry';
import {
  CONFIG_FILE,
  explainDiskError,
  formatOverrides,
  lockRun,
  makeRunDirectory,
  OVERRIDES_FILE,
  readOverrides,
  type RunLock,
} from '../../run';
import { writeFileAtomically } from '../../util/durable-files';

/**
 * @param isGiven the user named it: it may be there, empty
 * @param tell a line for people
 * @returns the folder, and its lock
 * @throws RunError where it cannot be written; UsageError where another process trains there
 */
export async function openRunDirectory(
  path: string,
  { resume, isGiven, tell }: { resume: boolean; isGiven: boolean; tell: (line: string) => void },
): Promise<{ runDir: string; lock: RunLock }> {
  try {
    const runDir = resume ? path : makeRunDirectory(path, isGiven);
    return { runDir, lock: await lockRun(runDir, tell) };
  } catch (error) {
    throw explainDiskError(error, path, ['--run-dir ANOTHER_FOLDER']);
  }
}

/** A resumed run keeps what was written before, and adds what is changed now. */
export async function writeConfig(
  runDir: string,
  config: OscConfig,
  { registry, overrides, resume }: { registry: Registry; overrides: readonly string[]; resume: boolean },
): Promise<void> {
  if (resume && overrides.length === 0) return;
  const before = resume ? readOverrides(runDir).overrides : [];
  const saved = formatOverrides({ plugins: registry.spec.plugins, overrides: [...before, ...overrides] });
  await writeFileAtomically(join(runDir, OVERRIDES_FILE), saved);
  // last: it makes the folder a run, which then has all that a resume reads
  await writeFileAtomically(join(runDir, CONFIG_FILE), printConfig(config));
}
