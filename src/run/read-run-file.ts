import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { UsageError } from '../sdk';

/**
 * Reads a file of a run, which may be damaged or written by hand.
 *
 * @param parse from its text: JSON or YAML
 * @throws UsageError that names the file
 */
export function readRunFile<T>(file: string, parse: (text: string) => unknown, schema: z.ZodType<T>): T {
  let content: unknown;
  try {
    content = parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new UsageError(`The file ${file} cannot be read.`, (error as Error).message, [], { cause: error });
  }
  const read = schema.safeParse(content);
  if (read.success) return read.data;
  throw new UsageError(`The file ${file} is damaged.`, z.prettifyError(read.error), [], { cause: read.error });
}
