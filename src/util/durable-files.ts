/**
 * Writing so that a kill, a full disk or a power cut never leaves half a file: what is written lies beside its place under a
 * temporary name, is synced to disk, and then gets its name. All functions throw what Node throws.
 */
import { type FileHandle, mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { hostname } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { isProcessAlive } from './process-alive';

const SUFFIX = '.partial';

/** The file is there, and was not to be replaced. */
export class FileExistsError extends Error {
  constructor(readonly file: string) {
    super(`The file ${file} is there already.`);
  }
}

/** Makes a rename or a new entry in `folder` last through a power cut. */
export async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return; // folders cannot be opened there
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Writes a file that is not there, synced to disk. For the files of a folder that gets its name when it is whole. */
export async function writeNewFile(file: string, content: string | Uint8Array): Promise<void> {
  const handle = await open(file, 'wx');
  try {
    await handle.writeFile(content);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Writes a file whole or not at all. Makes its folder if need be. @throws FileExistsError unless `overwrite` */
export async function writeFileAtomically(
  file: string,
  content: string | Uint8Array | AsyncIterable<string>,
  overwrite = true,
): Promise<void> {
  const target = await AtomicFile.create(file, overwrite);
  try {
    const pieces = typeof content === 'string' || content instanceof Uint8Array ? [content] : content;
    for await (const piece of pieces) await target.handle.writeFile(piece);
  } catch (error) {
    await target.discard();
    throw error;
  }
  await target.commit();
}

/** A file that is written bit by bit and appears under its name only when it is whole. */
export class AtomicFile {
  #done = false;

  private constructor(
    readonly file: string,
    readonly handle: FileHandle,
    private readonly temporary: string,
    private readonly overwrite: boolean,
  ) {}

  /** Makes the folder if need be. @throws FileExistsError if the file is there and `overwrite` is not set */
  static async create(file: string, overwrite: boolean): Promise<AtomicFile> {
    await mkdir(dirname(file), { recursive: true });
    await refuseExisting(file, overwrite);
    await removeLeftovers(file);
    const temporary = temporaryName(file, process.pid);
    return new AtomicFile(file, await open(temporary, 'wx'), temporary, overwrite);
  }

  /** Gives the file its name. Where that fails nothing is left. */
  async commit(): Promise<void> {
    try {
      await this.handle.sync();
      await this.handle.close();
      await refuseExisting(this.file, this.overwrite); // someone else may have been quicker
      await rename(this.temporary, this.file);
      this.#done = true;
      await syncFolder(dirname(this.file));
    } catch (error) {
      await this.discard();
      throw error;
    }
  }

  /** Leaves no trace; does nothing after {@link commit}. */
  async discard(): Promise<void> {
    if (this.#done) return;
    this.#done = true;
    await this.handle.close();
    await rm(this.temporary, { force: true });
  }
}

function temporaryName(file: string, pid: number | string): string {
  return join(dirname(file), `.${basename(file)}.${hostname()}-${pid}${SUFFIX}`);
}

async function refuseExisting(file: string, overwrite: boolean): Promise<void> {
  if (!overwrite && (await exists(file))) throw new FileExistsError(file);
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

/** Takes away what writers of this machine that were killed left behind. */
async function removeLeftovers(file: string): Promise<void> {
  const [before, after] = temporaryName(basename(file), '\0').split('\0') as [string, string];
  for (const name of await readdir(dirname(file))) {
    if (!name.startsWith(before) || !name.endsWith(after)) continue;
    const pid = Number(name.slice(before.length, -after.length));
    if (Number.isInteger(pid) && !isProcessAlive(pid)) await rm(join(dirname(file), name), { force: true });
  }
}
