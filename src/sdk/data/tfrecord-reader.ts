import type { RawRecord } from '../contracts/data';
import type { RunError } from '../errors';
import { type RecordPlace, brokenRecord } from './broken-record';
import { type ByteSource, type Compression, openByteSource } from './byte-source';
import { maskedCrc32c } from './crc32c';

/** Length (uint64) and its checksum (uint32) before the data, the data's checksum (uint32) after it; little-endian. */
export const HEADER_BYTES = 12;
export const FOOTER_BYTES = 4;
/** Bytes of a record. A scene of 11 masks has one million; gzip makes a file of kilobytes out of thousands of millions. */
const MAX_RECORD = 64 * 2 ** 20;

export interface ReadOptions {
  /** Number of the first record wanted; those before it are passed over unchecked. */
  readonly from?: number;
  /**
   * Called for a broken record instead of throwing. After a wrong checksum of data reading goes on with the next record;
   * after a truncated file or a broken length there is no next one to be found, and the records end.
   */
  readonly onBadRecord?: (error: RunError) => void;
  /** Called once a record: bytes of the file (still packed) read so far. */
  readonly onRead?: (fileBytes: number) => void;
}

/** Why reading cannot go on. */
class Unreadable {
  constructor(readonly error: RunError) {}
}

/** Takes records off a source, one after the other. */
class Framing {
  private index = 0;
  private offset = 0;

  constructor(
    private readonly source: ByteSource,
    private readonly file: string,
  ) {}

  /** Where the next record begins. */
  get place(): RecordPlace {
    return { file: this.file, index: this.index, offset: this.offset };
  }

  /** Passes over a record; false at the end of the file. @throws Unreadable */
  async skip(): Promise<boolean> {
    const length = await this.header();
    if (length === undefined) return false;
    const rest = length + FOOTER_BYTES;
    const found = await this.source.skip(rest);
    if (found < rest) throw this.truncated(HEADER_BYTES + found, HEADER_BYTES + rest);
    this.advance(length);
    return true;
  }

  /** The next record, or a RunError if its data are broken; undefined at the end of the file. @throws Unreadable */
  async next(): Promise<RawRecord | RunError | undefined> {
    const length = await this.header();
    if (length === undefined) return undefined;
    const bytes = await this.source.read(length);
    const footer = await this.source.read(FOOTER_BYTES);
    const found = bytes.length + footer.length;
    if (found < length + FOOTER_BYTES) {
      throw this.truncated(HEADER_BYTES + found, HEADER_BYTES + length + FOOTER_BYTES);
    }
    const { place } = this;
    this.advance(length);
    const problem = checksumProblem('data', bytes, uint32(footer, 0));
    return problem === undefined ? { ...place, bytes } : brokenRecord(place, problem);
  }

  private async header(): Promise<number | undefined> {
    const header = await this.source.read(HEADER_BYTES);
    if (header.length === 0 && this.source.failure === undefined) return undefined;
    if (header.length < HEADER_BYTES) throw this.truncated(header.length, HEADER_BYTES);
    const problem = checksumProblem('length', header.subarray(0, 8), uint32(header, 8));
    if (problem !== undefined) {
      const other = this.index === 0 ? noRecords(header) : undefined;
      const rest = other ?? 'Without a length the records after it cannot be found either.';
      throw new Unreadable(brokenRecord(this.place, `${problem} ${rest}`));
    }
    const length = uint32(header, 0) + uint32(header, 4) * 2 ** 32;
    if (length <= MAX_RECORD) return length;
    throw new Unreadable(
      brokenRecord(this.place, `It would have ${length} bytes; records of at most ${MAX_RECORD} are read.`),
    );
  }

  private advance(length: number): void {
    this.index += 1;
    this.offset += HEADER_BYTES + length + FOOTER_BYTES;
  }

  private truncated(found: number, expected: number): Unreadable {
    const problem =
      this.source.failure ?? `The file is truncated: it ends ${found} bytes into a record of ${expected} bytes.`;
    return new Unreadable(brokenRecord(this.place, problem));
  }
}

/** What a file is that holds no records, told by how it begins. */
function noRecords(start: Uint8Array): string | undefined {
  const text = Buffer.from(start).toString('latin1');
  const [first = 0, second = 0] = start;
  // RFC 1950: deflate, a window of at most 32 KiB, and a check in the second byte
  if ((first & 0x0f) === 8 && first >> 4 <= 7 && (first * 256 + second) % 31 === 0) {
    return 'The file looks as if it were compressed with ZLIB: write it with GZIP, or with no compression.';
  }
  if (text.startsWith('version http')) return 'The file is a Git LFS pointer, not the data: git lfs pull.';
  if (text.startsWith('PK')) return 'The file is a zip: unpack it.';
  if (/^<(!|html|\?xml)/i.test(text))
    return 'The file looks like a page (HTML or XML) in place of data: download it anew.';
  return undefined;
}

function uint32(bytes: Uint8Array, at: number): number {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getUint32(at, true);
}

function checksumProblem(what: string, bytes: Uint8Array, stored: number): string | undefined {
  const computed = maskedCrc32c(bytes);
  if (computed === stored) return undefined;
  const hex = (value: number): string => `0x${value.toString(16).padStart(8, '0')}`;
  return `The checksum of its ${what} does not match: ${hex(stored)} is stored, ${hex(computed)} was computed.`;
}

/**
 * The records of a TFRecord file (GZIP or plain, told by its first bytes), in file order, checked but not decoded. Holds
 * a few chunks and one record in memory, and reads no faster than it is asked. The bytes of a record share their buffer
 * with nothing, so they can be transferred to a worker.
 *
 * @throws RunError that names file, record number and offset for a record with a wrong checksum or a truncated file,
 * unless `onBadRecord` takes it
 */
export async function* readRecords(
  file: string,
  options: ReadOptions = {},
): AsyncGenerator<RawRecord, void, undefined> {
  const { from = 0, onBadRecord, onRead } = options;
  const source = await openByteSource(file);
  const framing = new Framing(source, file);
  try {
    while (framing.place.index < from) {
      if (!(await framing.skip())) return;
      onRead?.(source.fileBytesRead);
    }
    for (;;) {
      const record = await framing.next();
      if (record === undefined) return;
      onRead?.(source.fileBytesRead);
      if (!(record instanceof Error)) yield record;
      else if (onBadRecord) onBadRecord(record);
      else throw record;
    }
  } catch (error) {
    if (!(error instanceof Unreadable)) throw error;
    if (!onBadRecord) throw error.error;
    onBadRecord(error.error);
  } finally {
    await source.close();
  }
}

/** How a file is packed. @throws RunError when it cannot be read */
export async function compressionOf(file: string): Promise<Compression> {
  const source = await openByteSource(file);
  await source.close();
  return source.compression;
}

/**
 * Number of records, found by passing over them: lengths are checked, data are not.
 * @param onRead called once a record: bytes of the file (still packed) read so far
 * @param limit stop there: the records after it are not looked at
 * @throws RunError for a truncated file or a broken length
 */
export async function countRecords(
  file: string,
  onRead?: (fileBytes: number) => void,
  limit = Infinity,
): Promise<number> {
  const source = await openByteSource(file);
  const framing = new Framing(source, file);
  try {
    while (framing.place.index < limit && (await framing.skip())) onRead?.(source.fileBytesRead);
    return framing.place.index;
  } catch (error) {
    throw error instanceof Unreadable ? error.error : error;
  } finally {
    await source.close();
  }
}
