import { closeSync, fstatSync, ftruncateSync, openSync, readSync } from 'node:fs';

const CHUNK = 64 * 1024;
const NEW_LINE = 0x0a;

/** Cuts off what a killed process wrote of its last line, so that the next line starts a line. A file that is not there is left so. */
export function dropTornLine(file: string): void {
  let handle: number;
  try {
    handle = openSync(file, 'r+');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw error;
  }
  try {
    const { size } = fstatSync(handle);
    const end = endOfLastLine(handle, size);
    if (end < size) ftruncateSync(handle, end);
  } finally {
    closeSync(handle);
  }
}

/** Bytes up to and with the last line break. */
function endOfLastLine(handle: number, size: number): number {
  const chunk = Buffer.alloc(Math.min(CHUNK, size));
  for (let end = size; end > 0;) {
    const start = Math.max(0, end - chunk.length);
    const found = chunk.subarray(0, readSync(handle, chunk, 0, end - start, start)).lastIndexOf(NEW_LINE);
    if (found >= 0) return start + found + 1;
    end = start;
  }
  return 0;
}
