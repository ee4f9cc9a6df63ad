/** The checkpoints of a run: `checkpoints/epoch-0003_step-00001234` (epochs finished, optimizer steps done); which there are, which are kept. */
import { existsSync } from 'node:fs';
import { readdir, rename, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { RunError, type Logger } from '../sdk';
import { readCheckpoint } from './checkpoint';
import { STATE_FILE, type Checkpoint } from './checkpoint-state';

/** [step, epoch] of a checkpoint's folder name; undefined for any other name. */
function parseFolderName(name: string): [number, number] | undefined {
  const match = /^epoch-(\d+)_step-(\d+)$/.exec(name);
  return match ? [Number(match[2]), Number(match[1])] : undefined;
}

/** Complete or broken checkpoints of a run, newest first. Temporary folders of a killed process are not among them. */
export async function listCheckpoints(folder: string): Promise<string[]> {
  if (!existsSync(folder)) return [];
  return (await readdir(folder))
    .flatMap((name) => {
      const key = parseFolderName(name);
      return key ? [{ name, key }] : [];
    })
    .sort((a, b) => b.key[0] - a.key[0] || b.key[1] - a.key[1])
    .map(({ name }) => join(folder, name));
}

/** A folder that `saveCheckpoint` or `saveImportedCheckpoint` wrote, whole or broken. */
export function isCheckpoint(folder: string): boolean {
  return existsSync(join(folder, STATE_FILE));
}

/**
 * The newest checkpoint that is whole. Each broken one that is newer is told of and set aside as `.broken-…`, lest it
 * count as the newest when old ones are removed. For who goes on with the run: what a killed process left half-written is removed.
 *
 * @throws RunError when there is none
 */
export async function newestCheckpoint(folder: string, logger: Logger): Promise<{ folder: string } & Checkpoint> {
  const found = await listCheckpoints(folder);
  for (const path of found) {
    try {
      const checkpoint = await readCheckpoint(path);
      for (const broken of found.slice(0, found.indexOf(path))) {
        await rename(broken, join(folder, `.broken-${basename(broken)}-${process.pid}`));
      }
      await removeLeftovers(folder);
      return { folder: path, ...checkpoint };
    } catch (error) {
      logger.warn(`Checkpoint ${path} is broken and not used: ${(error as Error).message}`);
    }
  }
  const why = found.length === 0 ? 'The run was stopped before its first one.' : `All ${found.length} are broken.`;
  throw new RunError(`There is no complete checkpoint in ${folder}.`, why, [
    'osc train    (start a new run with the same overrides: see overrides.yaml in the run directory)',
  ]);
}

/**
 * The rule of what is kept: the newest `keep` (null: all), and never fewer than the newest one. Also removes what a
 * killed process left half-written.
 */
export async function pruneCheckpoints(folder: string, keep: number | null): Promise<void> {
  await removeLeftovers(folder);
  if (keep === null) return;
  for (const path of (await listCheckpoints(folder)).slice(Math.max(1, keep))) {
    await rm(path, { recursive: true, force: true });
  }
}

async function removeLeftovers(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    if (name.startsWith('.tmp-')) await rm(join(folder, name), { recursive: true, force: true });
  }
}
