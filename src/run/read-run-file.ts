import { readFileSync, statSync } from 'node:fs';
import { z } from 'zod';
import { UsageError } from '../sdk';

/** Bytes: far above what a run of years writes. */
const MAX_BYTES = 2 ** 26;

/**
 * Reads a file of a run, which may be damaged or written by hand.
 *
 * @param parse from its text: JSON or YAML
 * @throws UsageError that names the file
 */
export function readRunFile<T>(file: string, parse: (text: string) => unknown, schema: z.ZodType<T>): T {
  let content: unknown;
  try {
    const stats = statSync(file); // to open a pipe would wait for somebody to write to it
    if (!stats.isFile()) throw new Error('It is no file.');
    if (stats.size > MAX_BYTES) throw new Error(`It has ${stats.size} bytes, and at most ${MAX_BYTES} are read.`);
    content = parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new UsageError(`The file ${file} cannot be read.`, (error as Error).message, [], { cause: error });
  }
  const read = schema.safeParse(content);
  if (read.success) return read.data;
  throw new UsageError(`The file ${file} is damaged.`, z.prettifyError(read.error), [], { cause: read.error });
}
