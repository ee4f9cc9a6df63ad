/** The one way to files that anybody may have put there: what is no file, or far too long, is refused before it is opened. */
import { readFileSync, statSync } from 'node:fs';

/**
 * Asked without opening it: to open a pipe would wait for somebody to write to it.
 *
 * @throws Error that says why it is not read, without its name
 */
export function checkRegularFile(file: string, maxBytes: number): void {
  const stats = statSync(file);
  if (!stats.isFile()) throw new Error('It is no file.');
  if (stats.size > maxBytes) throw new Error(`It has ${stats.size} bytes, and at most ${maxBytes} are read.`);
}

/** @throws Error as {@link checkRegularFile}, and what reading throws */
export function readRegularFile(file: string, maxBytes: number): Buffer {
  checkRegularFile(file, maxBytes);
  return readFileSync(file);
}

/** Before a file is opened to be written to at its end. @throws Error for what is there and is no file */
export function refuseOtherThanFile(file: string): void {
  const stats = statSync(file, { throwIfNoEntry: false });
  if (stats !== undefined && !stats.isFile()) throw new Error('It is no file.');
}
