/** Reading a file from front to back, unpacked if it is gzip, with no more of it in memory than a few chunks. */
import { type FileHandle, open, stat } from 'node:fs/promises';
import { type Gunzip, createGunzip } from 'node:zlib';
import { RunError } from '../errors';

export type Compression = 'GZIP' | 'none';

export interface ByteSource {
  readonly compression: Compression;
  /** Bytes of the file itself (still packed) that have been read. */
  readonly fileBytesRead: number;
  /** Why the stream ended early, if it did: a whole sentence. */
  readonly failure: string | undefined;
  /** The next `count` bytes in a buffer of their own; fewer only where the file ends or fails. */
  read(count: number): Promise<Uint8Array>;
  /** Passes over `count` bytes; how many there were. */
  skip(count: number): Promise<number>;
  close(): Promise<void>;
}

const PACKED_CHUNK = 64 * 1024;
const UNPACKED_CHUNK = 256 * 1024;
/** Unpacking runs ahead of the reader while less than this is waiting: about one record of 240×320 pixels and eleven masks. */
const READ_AHEAD = 4 * 1024 * 1024;

/** A buffer that nothing else shares, so that it can be transferred to another thread; not zeroed first. */
function ownBuffer(count: number): Uint8Array {
  return new Uint8Array(Buffer.allocUnsafeSlow(count).buffer);
}

class PlainSource implements ByteSource {
  readonly compression = 'none';
  readonly failure = undefined;
  private position = 0;
  private readonly window = Buffer.allocUnsafe(UNPACKED_CHUNK);
  private windowStart = 0;
  private windowEnd = 0;

  constructor(
    private readonly handle: FileHandle,
    private readonly size: number,
  ) {}

  get fileBytesRead(): number {
    return this.position;
  }

  async read(count: number): Promise<Uint8Array> {
    const target = ownBuffer(Math.max(0, Math.min(count, this.size - this.position)));
    let filled = 0;
    while (filled < target.length) {
      if (this.position < this.windowStart || this.position >= this.windowEnd) {
        const { bytesRead } = await this.handle.read(this.window, 0, this.window.length, this.position);
        if (bytesRead === 0) return target.subarray(0, filled);
        this.windowStart = this.position;
        this.windowEnd = this.position + bytesRead;
      }
      const from = this.position - this.windowStart;
      const take = Math.min(target.length - filled, this.windowEnd - this.position);
      target.set(this.window.subarray(from, from + take), filled);
      filled += take;
      this.position += take;
    }
    return target;
  }

  skip(count: number): Promise<number> {
    const there = Math.max(0, Math.min(count, this.size - this.position));
    this.position += there;
    return Promise.resolve(there);
  }

  close(): Promise<void> {
    return this.handle.close();
  }
}

/**
 * Unpacks one packed chunk at a time (in zlib's thread), one chunk ahead of the reader. Not a pipeline of streams: those
 * throw away what they hold when a later byte is broken, and the records before it should still come.
 */
class GzipSource implements ByteSource {
  readonly compression = 'GZIP';
  fileBytesRead = 0;
  failure: string | undefined;
  private readonly gunzip: Gunzip = createGunzip({ chunkSize: UNPACKED_CHUNK });
  private readonly packed = Buffer.allocUnsafe(PACKED_CHUNK);
  private readonly chunks: Buffer[] = [];
  private waiting = 0;
  private ended = false;
  private unpacking: Promise<void> | undefined;
  private wake: () => void = () => undefined;

  constructor(private readonly handle: FileHandle) {
    this.gunzip.on('data', (chunk: Buffer) => {
      this.chunks.push(chunk);
      this.waiting += chunk.length;
    });
    this.gunzip.on('error', (error: NodeJS.ErrnoException) => {
      this.fail(
        error.code === 'Z_BUF_ERROR'
          ? 'The gzip file is truncated: it ends in the middle of its stream.'
          : `The gzip stream is corrupt (${error.message}).`,
      );
    });
    this.gunzip.on('end', () => {
      this.ended = true;
      this.wake();
    });
  }

  async read(count: number): Promise<Uint8Array> {
    // what a broken length asks for takes no memory before it is filled: the buffer is not zeroed
    const target = ownBuffer(count);
    let filled = 0;
    await this.take(count, (piece) => {
      target.set(piece, filled);
      filled += piece.length;
    });
    return filled === count ? target : target.subarray(0, filled);
  }

  skip(count: number): Promise<number> {
    return this.take(count, () => undefined);
  }

  async close(): Promise<void> {
    this.ended = true;
    this.gunzip.destroy();
    this.wake();
    await this.unpacking;
    await this.handle.close();
  }

  private async take(count: number, use: (piece: Buffer) => void): Promise<number> {
    let taken = 0;
    while (taken < count) {
      const chunk = this.chunks[0];
      if (chunk === undefined) {
        if (this.ended) break;
        await this.unpackMore();
        continue;
      }
      const piece = chunk.subarray(0, count - taken);
      if (piece.length === chunk.length) this.chunks.shift();
      else this.chunks[0] = chunk.subarray(piece.length);
      this.waiting -= piece.length;
      taken += piece.length;
      use(piece);
      if (this.waiting < READ_AHEAD && !this.ended) void this.unpackMore();
    }
    return taken;
  }

  private unpackMore(): Promise<void> {
    this.unpacking ??= this.unpackChunk().finally(() => {
      this.unpacking = undefined;
    });
    return this.unpacking;
  }

  /** Never rejects: a failure is kept until all that came before it has been taken. */
  private async unpackChunk(): Promise<void> {
    let bytesRead: number;
    try {
      ({ bytesRead } = await this.handle.read(this.packed, 0, this.packed.length, this.fileBytesRead));
    } catch (error) {
      this.fail(`Reading failed (${(error as Error).message}).`);
      return;
    }
    if (this.ended) return;
    this.fileBytesRead += bytesRead;
    await new Promise<void>((resolve) => {
      this.wake = resolve;
      if (bytesRead === 0) this.gunzip.end();
      else this.gunzip.write(this.packed.subarray(0, bytesRead), () => resolve());
    });
  }

  private fail(problem: string): void {
    this.failure = problem;
    this.ended = true;
    this.wake();
  }
}

/**
 * Opens a file; gzip is known by its first two bytes.
 * @throws RunError when the file cannot be opened
 */
export async function openByteSource(file: string): Promise<ByteSource> {
  let handle: FileHandle | undefined;
  try {
    // a pipe would make the call wait for a writer, for ever
    if (!(await stat(file)).isFile()) throw new Error('It is no file');
    handle = await open(file, 'r');
    const { size } = await handle.stat();
    const magic = Buffer.alloc(2);
    await handle.read(magic, 0, 2, 0);
    return magic[0] === 0x1f && magic[1] === 0x8b ? new GzipSource(handle) : new PlainSource(handle, size);
  } catch (error) {
    await handle?.close();
    throw new RunError(`The file ${file} cannot be read.`, `${(error as Error).message}.`, [], { cause: error });
  }
}
