/** Where generated scenes are kept: a folder for each set of options that matters, a file for each split. */
import { createHash } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { isReportedError, RunError, type RawRecord, type SplitName } from 'osc-trainer/sdk';
import { cacheHome, readRecords } from 'osc-trainer/sdk/data';
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

/**
 * The records of a file of the cache. osc made it, so of one that is damaged it can be said what mends it.
 *
 * @param count how many it was made with
 * @param from index of the first record wanted
 * @throws RunError that names the file, also where it ends early
 */
export async function* readSplit(
  file: string,
  count: number,
  from: number,
  onBadRecord?: (error: RunError) => void,
): AsyncGenerator<RawRecord, void, undefined> {
  const mend = `rm ${file}    (its scenes are generated again)`;
  let seen = from;
  let problem: RunError | undefined;
  const skip = (error: RunError): void => {
    seen++;
    problem = error;
    onBadRecord?.(error);
  };
  try {
    for await (const record of readRecords(file, { from, ...(onBadRecord && { onBadRecord: skip }) })) {
      seen++;
      yield record;
    }
  } catch (error) {
    if (!isReportedError(error)) throw error;
    throw new RunError(error.what, error.why, [mend, ...error.hints], { cause: error });
  }
  if (seen < count) throw new RunError(`${file} ends after ${seen} of ${count} scenes.`, problem?.message, [mend]);
}
