/** Which checkpoints of a run may go, and what that frees. */
import { lstatSync, readdirSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { readCheckpoint } from './checkpoint';
import { listCheckpoints } from './checkpoint-list';
import { CHECKPOINTS } from './directory';

/** `last`: the newest one that is whole. `best`: that of a callback that keeps it. */
export type KeptCheckpoint = 'best' | 'last';

export interface PrunePlan {
  /** Folders. */
  readonly kept: readonly string[];
  readonly removed: readonly { readonly checkpoint: string; readonly bytes: number }[];
  /** Why less goes than was asked for; null where nothing is to be said. */
  readonly remark: string | null;
}

const BEST = 'best';

/**
 * Never leaves a run without a checkpoint that is whole, and keeps the last one of a run that may be resumed. Other checkpoints of
 * callbacks, by whatever name, stay; so does what is no folder.
 *
 * @param isFinished nothing is left to resume
 */
export async function planPrune(run: string, keep: readonly KeptCheckpoint[], isFinished: boolean): Promise<PrunePlan> {
  const folder = join(run, CHECKPOINTS);
  if (!isFolder(folder)) return { kept: [], removed: [], remark: null };
  const numbered = (await listCheckpoints(folder)).filter(isFolder);
  const best = isFolder(join(folder, BEST)) ? join(folder, BEST) : undefined;
  const others = readdirSync(folder)
    .map((name) => join(folder, name))
    .filter((path) => isFolder(path) && !numbered.includes(path) && path !== best);
  const leftovers = others.filter((path) => /^\.(tmp|broken)-/.test(basename(path)));
  const named = others.filter((path) => !leftovers.includes(path));
  const candidates = [...numbered, ...(best === undefined ? [] : [best])];
  if (candidates.length <= 1 && leftovers.length === 0) {
    return { kept: [...candidates, ...named], removed: [], remark: null };
  }
  const [last, broken] = await newestWhole(numbered);
  const isBestWhole = best !== undefined && (await isWhole(best));
  const keepsBest = keep.includes('best') && best !== undefined;
  // without it a run could not be gone on with, or would have nothing left
  const keepsLast = keep.includes('last') || !isFinished || !(keepsBest && isBestWhole);
  if (last === undefined && !(keepsBest && isBestWhole)) {
    const remark = numbered.length > 0 ? 'No checkpoint of it is whole: all stay.' : null;
    return { kept: [...candidates, ...named, ...leftovers], removed: [], remark };
  }
  const kept = [...broken, ...(keepsLast && last !== undefined ? [last] : []), ...(keepsBest ? [best] : []), ...named];
  const gone = [...candidates.filter((path) => !kept.includes(path)), ...leftovers];
  return {
    kept,
    removed: gone.map((checkpoint) => ({ checkpoint, bytes: bytesIn(checkpoint) })),
    remark: remarkOf({ broken: broken.length > 0, forced: keepsLast && !keep.includes('last'), isFinished }),
  };
}

function remarkOf({
  broken,
  forced,
  isFinished,
}: {
  broken: boolean;
  forced: boolean;
  isFinished: boolean;
}): string | null {
  if (broken) return 'Its newest checkpoint is broken and stays; the newest one that is whole is kept.';
  if (!forced) return null;
  return isFinished
    ? 'It has no best checkpoint: the last one stays.'
    : 'It has not finished: the last one stays, to resume from.';
}

/** @returns the newest one that is whole, and the broken ones that are newer */
async function newestWhole(numbered: readonly string[]): Promise<[string | undefined, string[]]> {
  const broken: string[] = [];
  for (const path of numbered) {
    if (await isWhole(path)) return [path, broken];
    broken.push(path);
  }
  return [undefined, broken];
}

/** By its checksums: what is older than a checkpoint goes only where that one can be read. */
async function isWhole(checkpoint: string): Promise<boolean> {
  try {
    await readCheckpoint(checkpoint);
    return true;
  } catch {
    return false;
  }
}

/** A link may lead anywhere: what it leads to is not the run's. */
function isFolder(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}

function bytesIn(folder: string): number {
  const sizes = readdirSync(folder, { withFileTypes: true }).map((entry) => {
    const path = join(folder, entry.name);
    return entry.isDirectory() ? bytesIn(path) : (lstatSync(path, { throwIfNoEntry: false })?.size ?? 0);
  });
  return sizes.reduce((sum, size) => sum + size, 0);
}

/** @throws what Node throws */
export async function removeCheckpoints({ removed }: PrunePlan): Promise<void> {
  for (const { checkpoint } of removed) await rm(checkpoint, { recursive: true, force: true });
}
