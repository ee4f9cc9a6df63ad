/** What evaluators have computed once for ever, such as the scores of blind baselines on a data set. */
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import type { z } from 'zod';
import { isReportedError, type Logger } from '../sdk';
import { writeFileAtomically } from '../sdk/data';
import { cacheHome } from '../util/home';
import { readRegularFile } from '../util/regular-file';

/** In memory, and as small files `osc/evaluations/HASH.json` in the user's cache folder. */
export class ResultCache {
  readonly #memory = new Map<string, unknown>();

  constructor(
    private readonly logger: Logger,
    private readonly folder = join(cacheHome(), 'osc', 'evaluations'),
  ) {}

  /** A folder that cannot be read or written costs time, and is no error. */
  async remember<T>(key: string, schema: z.ZodType<T>, compute: () => Promise<T>): Promise<T> {
    const known = schema.safeParse(this.#memory.get(key));
    if (known.success) return known.data;
    const file = join(this.folder, `${sha256(key).slice(0, 32)}.json`);
    const value = readKept(file, key, schema) ?? (await this.#compute(file, key, compute));
    this.#memory.set(key, value);
    return value;
  }

  async #compute<T>(file: string, key: string, compute: () => Promise<T>): Promise<T> {
    const value = await compute();
    try {
      await writeFileAtomically(file, `${JSON.stringify({ key, value, sha256: sha256(JSON.stringify(value)) })}\n`);
    } catch (error) {
      if (!isReportedError(error)) throw error;
      this.logger.debug(`What was measured once is not kept: ${error.message}`);
    }
    return value;
  }
}

/** Of a file. */
const MAX_BYTES = 2 ** 22;

/** Undefined where there is none, or it is not what it should be. */
function readKept<T>(file: string, key: string, schema: z.ZodType<T>): T | undefined {
  try {
    const kept = JSON.parse(readRegularFile(file, MAX_BYTES).toString()) as unknown;
    if (typeof kept !== 'object' || kept === null || !('key' in kept) || kept.key !== key) return undefined;
    if (!('value' in kept && 'sha256' in kept)) return undefined;
    // a digit that a disk has changed makes another number, and nobody would see it
    if (kept.sha256 !== sha256(JSON.stringify(kept.value))) return undefined;
    const parsed = schema.safeParse(kept.value);
    return parsed.success ? parsed.data : undefined;
  } catch {
    return undefined; // not there, not readable, or no JSON: then it is computed
  }
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
