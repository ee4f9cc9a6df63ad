/** Writing so that a kill or a full disk never leaves half a file behind. */
import { open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { RunError } from '../sdk';

const DISK_ERRORS: Readonly<Record<string, string>> = {
  ENOSPC: 'The disk is full.',
  EDQUOT: 'The disk quota is used up.',
  EFBIG: 'The file would be larger than the file size limit.',
  EROFS: 'The file system is read-only.',
  EIO: 'The disk reported an input/output error.',
  EACCES: 'Permission was denied.',
  EPERM: 'The operation is not permitted.',
  ENOTDIR: 'A part of the path is not a folder.',
  ENAMETOOLONG: 'The name is too long.',
};

/** A failed write told for people; anything else is returned as it is. */
export function explainDiskError(error: unknown, path: string, hints: readonly string[]): unknown {
  const code = (error as NodeJS.ErrnoException | undefined)?.code;
  const why = code === undefined ? undefined : DISK_ERRORS[code];
  return why === undefined ? error : new RunError(`Could not write ${path}.`, why, hints, { cause: error });
}

/** Makes a rename or a new entry in `folder` durable. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Writes and fsyncs a file that did not exist. */
export async function writeDurably(path: string, data: Uint8Array | string): Promise<void> {
  const handle = await open(path, 'wx');
  try {
    await handle.writeFile(data);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Replaces a file whole or not at all. */
export async function replaceFile(path: string, data: Uint8Array | string): Promise<void> {
  const temporary = `${path}.tmp-${process.pid}`;
  try {
    await writeDurably(temporary, data);
    await rename(temporary, path);
    await syncFolder(dirname(path));
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}
