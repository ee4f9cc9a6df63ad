import type { z } from 'zod';
import { UsageError } from '../sdk';
import { readRegularFile } from '../util/regular-file';
import { zodProblems } from '../util/zod-problems';

/** Bytes: far above what a run of years writes. What JSON means takes twenty times as much memory as its text. */
export const MAX_BYTES = 2 ** 22;

/**
 * Reads a file of a run, which may be damaged or written by hand.
 *
 * @param parse from its text: JSON or YAML
 * @throws UsageError that names the file
 */
export function readRunFile<T>(file: string, parse: (text: string) => unknown, schema: z.ZodType<T>): T {
  let content: unknown;
  try {
    content = parse(readRegularFile(file, MAX_BYTES).toString());
  } catch (error) {
    throw new UsageError(`The file ${file} cannot be read.`, (error as Error).message, [], { cause: error });
  }
  const read = schema.safeParse(content);
  if (read.success) return read.data;
  throw new UsageError(`The file ${file} is damaged.`, zodProblems(read.error), [], { cause: read.error });
}
