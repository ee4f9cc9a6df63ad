/** The first and the last lines of a file that may be larger than memory. */
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { checkRegularFile } from './regular-file';

export interface FileEnds {
  /** Whole lines, the first one first. */
  readonly head: readonly string[];
  /** Whole lines, the last one last: of a file that is not larger than both together none is in both, and none is missing. */
  readonly tail: readonly string[];
}

/**
 * A last line without its line break is left out: it is being written, or was cut off by a kill.
 *
 * @param bytes that are read of each end, at most
 * @throws Error that says why it is not read, without its name
 */
export function readEnds(file: string, bytes: number): FileEnds {
  checkRegularFile(file, Number.MAX_SAFE_INTEGER);
  const handle = openSync(file, 'r');
  try {
    const { size } = fstatSync(handle);
    const read = (from: number, to: number): string => {
      const buffer = Buffer.alloc(to - from);
      return buffer.subarray(0, readSync(handle, buffer, 0, buffer.length, from)).toString();
    };
    if (size <= 2 * bytes) return { head: linesOf(read(0, size)), tail: [] };
    // what stands before the first line break may be the end of a line
    return { head: linesOf(read(0, bytes)), tail: linesOf(read(size - bytes, size)).slice(1) };
  } finally {
    closeSync(handle);
  }
}

function linesOf(text: string): string[] {
  return text.split('\n').slice(0, -1);
}
