/** Where generated scenes are kept: a folder for each set of options that matters, a file for each split. */
import { createHash } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { SplitName } from 'osc-trainer/sdk';
import { cacheHome } from 'osc-trainer/sdk/data';
import type { SceneOptions } from './scene';

/** Raised whenever the same options give other records. */
export const GENERATOR_VERSION = 1;

export interface CacheKey {
  readonly cacheDir: string | null;
  readonly seed: number;
  readonly scene: SceneOptions;
}

/** `CACHE/HASH/imgs_SPLIT_COUNT.tfrecords`. The first scenes of a split are the same however many there are. */
export function splitFile({ cacheDir, seed, scene }: CacheKey, split: SplitName, count: number): string {
  const key = JSON.stringify([GENERATOR_VERSION, seed, Object.entries(scene).sort(([a], [b]) => (a < b ? -1 : 1))]);
  const hash = createHash('sha256').update(key).digest('hex').slice(0, 16);
  return join(cacheDir ?? join(cacheHome(), 'osc', 'scenes'), hash, `imgs_${split}_${count}.tfrecords`);
}

export async function isThere(file: string): Promise<boolean> {
  return stat(file).then(
    (found) => found.isFile(),
    (error: NodeJS.ErrnoException) => {
      // a home that is a file: writing tells of it
      if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return false;
      throw error;
    },
  );
}
