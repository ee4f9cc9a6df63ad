import { once } from 'node:events';
import { Writable } from 'node:stream';
import { finished, pipeline } from 'node:stream/promises';
import { type ZlibOptions, createGzip } from 'node:zlib';
import { AtomicFile } from '../../util/durable-files';
import { writeFailure } from './atomic-file';
import type { Compression } from './byte-source';
import { maskedCrc32c } from './crc32c';
import { FOOTER_BYTES, HEADER_BYTES } from './tfrecord-reader';

const WAITING_BYTES = 8 * 1024 * 1024;

export interface WriteOptions {
  /** Default GZIP, as the published files are. */
  readonly compression?: Compression;
  /** Replace a file that is there; default no. */
  readonly overwrite?: boolean;
  /** zlib's level, 0 to 9; default 4: files of images and masks get no smaller by more, and take twice as long. */
  readonly level?: number;
}

/** A record with its length and checksums around it, as it lies in the file. */
export function frameRecord(bytes: Uint8Array): Uint8Array {
  const framed = Buffer.allocUnsafe(HEADER_BYTES + bytes.length + FOOTER_BYTES);
  framed.writeUInt32LE(bytes.length % 2 ** 32, 0);
  framed.writeUInt32LE(Math.floor(bytes.length / 2 ** 32), 4);
  framed.writeUInt32LE(maskedCrc32c(framed.subarray(0, 8)), 8);
  framed.set(bytes, HEADER_BYTES);
  framed.writeUInt32LE(maskedCrc32c(bytes), HEADER_BYTES + bytes.length);
  return framed;
}

/**
 * Writes a TFRecord file that appears under its name only on {@link close}, whole and synced to disk.
 *
 * @example
 * ```ts
 * const writer = await RecordWriter.create('scenes.tfrecords');
 * try {
 *   for (const scene of scenes) await writer.write(encode(scene));
 *   await writer.close();
 * } finally {
 *   await writer.discard(); // does nothing once closed
 * }
 * ```
 */
export class RecordWriter {
  /** Records written so far. */
  records = 0;
  private failure: unknown;
  private readonly finished: Promise<void>;

  private constructor(
    private readonly target: AtomicFile,
    private readonly stream: Writable,
    finished: Promise<void>,
  ) {
    this.finished = finished.catch((error: unknown) => {
      this.failure = error;
    });
  }

  /** @throws UsageError if the file is there and `overwrite` is not set; RunError if it cannot be made */
  static async create(file: string, options: WriteOptions = {}): Promise<RecordWriter> {
    const { compression = 'GZIP', overwrite = false, level = 4 } = options;
    const target = await AtomicFile.create(file, overwrite).catch((error: unknown) => {
      throw writeFailure(file, error);
    });
    const sink = new Writable({
      write: (chunk: Buffer, _encoding, done) => void target.handle.writeFile(chunk).then(() => done(), done),
    });
    if (compression === 'none') return new RecordWriter(target, sink, finished(sink));
    // packing runs in zlib's thread: with some records waiting for it, the caller makes the next ones meanwhile
    const gzip = createGzip({ level, chunkSize: 256 * 1024, writableHighWaterMark: WAITING_BYTES } as ZlibOptions);
    return new RecordWriter(target, gzip, pipeline(gzip, sink));
  }

  get file(): string {
    return this.target.file;
  }

  /** Resolves when there is room for more; the bytes may be changed after. @throws RunError, e.g. when the disk is full */
  async write(bytes: Uint8Array): Promise<void> {
    if (this.failure === undefined && !this.stream.write(frameRecord(bytes))) {
      await Promise.race([once(this.stream, 'drain').catch(() => undefined), this.finished]);
    }
    await this.throwFailure();
    this.records += 1;
  }

  /** Finishes the file and gives it its name. @throws RunError; then nothing is left */
  async close(): Promise<void> {
    this.stream.end();
    await this.finished;
    await this.throwFailure();
    await this.target.commit().catch((error: unknown) => {
      throw writeFailure(this.file, error);
    });
  }

  /** Gives up: leaves no trace. Does nothing after {@link close}. */
  async discard(): Promise<void> {
    this.stream.destroy();
    await this.finished;
    await this.target.discard();
  }

  private async throwFailure(): Promise<void> {
    if (this.failure === undefined) return;
    await this.target.discard();
    throw writeFailure(this.file, this.failure);
  }
}
