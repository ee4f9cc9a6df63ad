/** The one door through which files of a config come in: what is no file, no text or far too long is refused by its name. */
import { accessSync, constants, readFileSync, statSync } from 'node:fs';
import { UsageError } from '../sdk/errors';
import { displayPath } from './origin';

/** Far above any config that people write: half a megabyte. */
const MAX_BYTES = 2 ** 19;

/** @throws UsageError for what is no file (a folder, a pipe), cannot be read, is too long or is not UTF-8 */
export function readConfigText(file: string): string {
  const name = displayPath(file);
  checkConfigFile(file);
  let bytes: Buffer;
  try {
    bytes = readFileSync(file);
  } catch (error) {
    throw unreadable(file, error);
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (error) {
    throw new UsageError(`${name} is not UTF-8 text.`, 'A config is YAML, JSON or a script.', [], { cause: error });
  }
}

/**
 * Asks without opening it: to open a pipe would wait for somebody to write to it.
 *
 * @throws UsageError for what is no file, cannot be looked at or is too long
 */
export function checkConfigFile(file: string): void {
  const name = displayPath(file);
  let stats;
  try {
    accessSync(file, constants.R_OK);
    stats = statSync(file);
  } catch (error) {
    throw unreadable(file, error);
  }
  if (stats.isDirectory()) throw new UsageError(`${name} is a folder, not a file.`);
  if (!stats.isFile()) throw new UsageError(`${name} is a pipe or a device, not a file.`);
  if (stats.size > MAX_BYTES) {
    throw new UsageError(`${name} has ${stats.size} bytes: a config has at most ${MAX_BYTES}.`);
  }
}

function unreadable(file: string, error: unknown): UsageError {
  const why = error instanceof Error ? error.message : String(error);
  return new UsageError(`The file ${displayPath(file)} cannot be read.`, why, [], { cause: error });
}
