/** One installation at a time in a folder. */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { dirname } from 'node:path';
import { UsageError } from '../../../sdk/errors';

interface Holder {
  readonly host: string;
  readonly pid: number;
}

/** @returns what gives it back; @throws UsageError where another process installs, or the folder cannot be written */
export function lockInstall(file: string): () => void {
  try {
    return lock(file);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === undefined || !CANNOT_WRITE.includes(code)) throw error;
    throw new UsageError(`Engines cannot be installed in ${dirname(file)}.`, `${message}.`, [
      'OSC_ENGINES_DIR=FOLDER in the environment, one that can be written',
    ]);
  }
}

const CANNOT_WRITE = ['EACCES', 'EEXIST', 'ENOENT', 'ENOTDIR', 'EPERM', 'EROFS'];

function lock(file: string): () => void {
  mkdirSync(dirname(file), { recursive: true });
  const mine = JSON.stringify({ host: hostname(), pid: process.pid } satisfies Holder);
  for (;;) {
    try {
      writeFileSync(file, mine, { flag: 'wx' });
      return () => rmSync(file, { force: true });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
    const holder = read(file);
    if (holder !== null && (holder.host !== hostname() || isAlive(holder.pid))) {
      throw new UsageError(
        'Another process is installing this engine.',
        `It is process ${holder.pid} on ${holder.host}.`,
        ['wait until it has ended', `delete ${file} where it has`],
      );
    }
    rmSync(file, { force: true }); // it was killed
  }
}

function read(file: string): Holder | null {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Holder;
  } catch {
    return null;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
