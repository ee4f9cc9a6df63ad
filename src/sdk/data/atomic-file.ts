import { type FileHandle, mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { hostname } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { RunError, UsageError, isReportedError } from '../errors';

const SUFFIX = '.partial';

function temporaryName(file: string, pid: number | string): string {
  return join(dirname(file), `.${basename(file)}.${hostname()}-${pid}${SUFFIX}`);
}

async function exists(file: string): Promise<boolean> {
  return stat(file).then(
    () => true,
    (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return false;
      throw error;
    },
  );
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}

/** Takes away what writers of this machine that were killed left behind. */
async function removeLeftovers(file: string): Promise<void> {
  const [before, after] = temporaryName(basename(file), '\0').split('\0') as [string, string];
  for (const name of await readdir(dirname(file))) {
    if (!name.startsWith(before) || !name.endsWith(after)) continue;
    const pid = Number(name.slice(before.length, -after.length));
    if (Number.isInteger(pid) && !isRunning(pid)) await rm(join(dirname(file), name), { force: true });
  }
}

/** Makes a rename last through a power cut. */
async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return; // folders cannot be opened there
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** The failure of a write as an error for people. */
export function writeFailure(file: string, error: unknown): Error {
  if (isReportedError(error)) return error;
  const { code, message } = error as NodeJS.ErrnoException;
  const why = code === 'ENOSPC' ? 'The disk is full.' : `${message}.`;
  return new RunError(`Writing ${file} failed; nothing of it was kept.`, why, [], { cause: error });
}

/** A file that appears under its name only when it is whole: written beside it, synced to disk, renamed. */
export class AtomicFile {
  private done = false;

  private constructor(
    readonly file: string,
    readonly handle: FileHandle,
    private readonly temporary: string,
    private readonly overwrite: boolean,
  ) {}

  /** Makes the folder if need be. @throws UsageError if the file is there and `overwrite` is not set */
  static async create(file: string, overwrite: boolean): Promise<AtomicFile> {
    try {
      await mkdir(dirname(file), { recursive: true });
      await AtomicFile.refuseExisting(file, overwrite);
      await removeLeftovers(file);
      const temporary = temporaryName(file, process.pid);
      return new AtomicFile(file, await open(temporary, 'wx'), temporary, overwrite);
    } catch (error) {
      throw writeFailure(file, error);
    }
  }

  async commit(): Promise<void> {
    try {
      await this.handle.sync();
      await this.handle.close();
      await AtomicFile.refuseExisting(this.file, this.overwrite); // someone else may have been quicker
      await rename(this.temporary, this.file);
      this.done = true;
      await syncFolder(dirname(this.file));
    } catch (error) {
      await this.discard();
      throw writeFailure(this.file, error);
    }
  }

  /** Leaves no trace; does nothing after {@link commit}. */
  async discard(): Promise<void> {
    if (this.done) return;
    this.done = true;
    await this.handle.close();
    await rm(this.temporary, { force: true });
  }

  private static async refuseExisting(file: string, overwrite: boolean): Promise<void> {
    if (!overwrite && (await exists(file))) {
      throw new UsageError(`The file ${file} is there already.`, 'It is not overwritten unasked.');
    }
  }
}

/** Writes a small file whole or not at all. */
export async function writeFileAtomically(file: string, content: string | Uint8Array, overwrite = true): Promise<void> {
  const target = await AtomicFile.create(file, overwrite);
  try {
    await target.handle.writeFile(content);
  } catch (error) {
    await target.discard();
    throw writeFailure(file, error);
  }
  await target.commit();
}
