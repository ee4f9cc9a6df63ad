import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { deflateSync, gunzipSync, gzipSync } from 'node:zlib';
import * as fc from 'fast-check';
import type { RawRecord } from '../contracts/data';
import { RunError, UsageError } from '../errors';
import { RecordWriter, readRecords } from '.';
import type { Compression } from './byte-source';
import { countRecords } from './tfrecord-reader';
import { frameRecord } from './tfrecord-writer';
import { maskedCrc32c } from './crc32c';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'osc-tfrecord-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

const path = (name: string): string => join(folder, name);
const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);
const textOf = (record: RawRecord): string => new TextDecoder().decode(record.bytes);
const plain = (...texts: string[]): Buffer => Buffer.concat(texts.map((text) => frameRecord(bytesOf(text))));

/** A file of these bytes, packed or not. */
function fileOf(content: Uint8Array, compression: Compression = 'none'): string {
  const file = path(`${compression}.tfrecords`);
  writeFileSync(file, compression === 'GZIP' ? gzipSync(content) : content);
  return file;
}

async function read(file: string, options: Parameters<typeof readRecords>[1] = {}): Promise<RawRecord[]> {
  const records: RawRecord[] = [];
  for await (const record of readRecords(file, options)) records.push(record);
  return records;
}

/** What was read before the error, and the error. */
async function readUntilError(file: string, from = 0): Promise<{ texts: string[]; error: RunError }> {
  const texts: string[] = [];
  try {
    for await (const record of readRecords(file, { from })) texts.push(textOf(record));
  } catch (error) {
    expect(error).toBeInstanceOf(RunError);
    return { texts, error: error as RunError };
  }
  throw new Error('no error');
}

/** A file handle, to get at its class. */
async function probe(): Promise<FileHandle> {
  const handle = await open(folder, 'r');
  await handle.close();
  return handle;
}

async function write(file: string, records: Iterable<Uint8Array>, compression: Compression): Promise<void> {
  const writer = await RecordWriter.create(file, { compression });
  for (const record of records) await writer.write(record);
  await writer.close();
}

test('masked CRC32C is that of the format', () => {
  // the check value that the catalogues of CRCs give for '123456789'
  const crc = 0xe3069283;
  expect(maskedCrc32c(bytesOf('123456789'))).toBe((((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0);
  expect(maskedCrc32c(new Uint8Array(0))).toBe(0xa282ead8);
});

describe.each(['none', 'GZIP'] as const)('compression %s', (compression) => {
  test('what is written is read', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.uint8Array({ maxLength: 2000 }), { maxLength: 12 }), async (records) => {
        const file = path('any.tfrecords');
        rmSync(file, { force: true });
        await write(file, records, compression);
        const found = await read(file);
        expect(found.map(({ bytes }) => Buffer.from(bytes))).toEqual(records.map((bytes) => Buffer.from(bytes)));
        expect(await countRecords(file)).toBe(records.length);
        let offset = 0;
        found.forEach((record, index) => {
          expect(record).toMatchObject({ file, index, offset });
          offset += record.bytes.length + 16;
        });
      }),
      { numRuns: 25 },
    );
  });

  test('records larger than every chunk', async () => {
    const records = [3_000_000, 1, 700_000, 0].map((size, n) =>
      Uint8Array.from({ length: size }, (_, i) => i * 31 + n),
    );
    const file = path('large.tfrecords');
    await write(file, records, compression);
    const found = await read(file);
    expect(found.map(({ bytes }) => maskedCrc32c(bytes))).toEqual(records.map(maskedCrc32c));
    for (const { bytes } of found) expect(bytes.buffer.byteLength).toBe(bytes.length);
    const later = await read(file, { from: 2 });
    expect(later.map(({ index, offset, bytes }) => [index, offset, bytes.length])).toEqual([
      [2, 3_000_033, 700_000],
      [3, 3_700_049, 0],
    ]);
  });

  test('from a record on, and from behind the end', async () => {
    const file = fileOf(plain('a', 'bb', 'ccc', 'dddd'), compression);
    for (let from = 0; from <= 6; from++) {
      expect((await read(file, { from })).map(textOf)).toEqual(['a', 'bb', 'ccc', 'dddd'].slice(from));
    }
  });

  test('stopping early closes the file', async () => {
    const file = fileOf(plain('a', 'b', 'c'), compression);
    for await (const record of readRecords(file)) {
      expect(textOf(record)).toBe('a');
      break;
    }
    if (!existsSync('/proc/self/fd')) return;
    const open = readdirSync('/proc/self/fd').length;
    for (let i = 0; i < 20; i++) {
      const records = readRecords(file);
      await records.next();
      await records.return();
    }
    expect(readdirSync('/proc/self/fd').length).toBe(open);
  });

  test('truncated at every byte: the records before it come, then an error that names the place', async () => {
    const content = plain('first', 'second');
    const firstEnd = 'first'.length + 16;
    for (let size = 1; size < content.length; size++) {
      const file = fileOf(content.subarray(0, size), compression);
      if (size === firstEnd) {
        expect((await read(file)).map(textOf)).toEqual(['first']);
        continue;
      }
      const { texts, error } = await readUntilError(file);
      const index = size < firstEnd ? 0 : 1;
      expect(texts).toEqual(['first'].slice(0, index));
      expect(error.what).toBe(
        `Record ${index} of ${file} is broken (byte offset ${index * firstEnd} of the unpacked file).`,
      );
      expect(error.why).toContain(`ends ${size - index * firstEnd} bytes into a record of`);
      await expect(countRecords(file)).rejects.toThrow(RunError);
      const reported: RunError[] = [];
      expect((await read(file, { onBadRecord: (bad) => reported.push(bad) })).map(textOf)).toEqual(texts);
      expect(reported).toHaveLength(1);
      expect((await readUntilError(file, 5)).error.what).toBe(error.what);
    }
  });

  test('every bit flip is found, and names its record', async () => {
    const content = plain('first', 'second', 'third');
    const starts = [0, 21, 43];
    for (let bit = 0; bit < content.length * 8; bit += 3) {
      const flipped = Buffer.from(content);
      flipped[bit >> 3]! ^= 1 << (bit & 7);
      const file = fileOf(flipped, compression);
      const index = starts.findLastIndex((start) => start <= bit >> 3);
      const inHeader = (bit >> 3) - starts[index]! < 12;
      const { texts, error } = await readUntilError(file);
      expect(texts).toEqual(['first', 'second', 'third'].slice(0, index));
      expect(error.what).toContain(`Record ${index} of ${file} is broken (byte offset ${starts[index]} `);
      expect(error.why).toContain(`The checksum of its ${inHeader ? 'length' : 'data'} does not match`);
      expect(error.hints.join()).toContain('data.on_bad_record=skip');

      const reported: RunError[] = [];
      const rest = await read(file, { onBadRecord: (bad) => reported.push(bad) });
      expect(reported.map(({ what }) => what)).toEqual([error.what]);
      // after broken data the others come, with their own numbers; after a broken length none can be found
      const others = [0, 1, 2].filter((n) => (inHeader ? n < index : n !== index));
      expect(rest.map((record) => record.index)).toEqual(others);
    }
  });
});

describe('packed files', () => {
  const texts = Array.from({ length: 400 }, (_, i) => `${i} `.repeat(200 + ((i * 7919) % 300)) + Math.sin(i));

  test('truncated anywhere: an error, and only whole records before it', async () => {
    const packed = gzipSync(plain(...texts));
    for (const share of [0.001, 0.2, 0.5, 0.9, 0.999]) {
      const file = path('cut.tfrecords');
      writeFileSync(file, packed.subarray(0, Math.ceil(packed.length * share)));
      const { texts: found, error } = await readUntilError(file);
      expect(found).toEqual(texts.slice(0, found.length));
      expect(error.what).toContain(`Record ${found.length} of ${file} is broken`);
      expect(error.why).toContain('The gzip file is truncated');
    }
  });

  test('truncated in the trailer: all records, then the error', async () => {
    const packed = gzipSync(plain(...texts));
    const file = path('cut.tfrecords');
    writeFileSync(file, packed.subarray(0, -3));
    const { texts: found, error } = await readUntilError(file);
    expect(found).toHaveLength(texts.length);
    expect(error.why).toContain('The gzip file is truncated');
  });

  test('a bit flipped in the packed bytes never passes', async () => {
    const packed = gzipSync(plain(...texts));
    for (let i = 1; i < 30; i++) {
      const flipped = Buffer.from(packed);
      const at = 10 + Math.floor(((packed.length - 10) * i) / 30);
      flipped[at]! ^= 1 << (i % 8);
      const file = path('flipped.tfrecords');
      writeFileSync(file, flipped);
      const { texts: found } = await readUntilError(file);
      expect(found).toEqual(texts.slice(0, found.length));
    }
  });

  test('several gzip members in a row are one file', async () => {
    const file = path('members.tfrecords');
    writeFileSync(file, Buffer.concat([gzipSync(plain('a', 'b')), gzipSync(plain('c'))]));
    expect((await read(file)).map(textOf)).toEqual(['a', 'b', 'c']);
  });
});

test('a reader that is not asked for more does not read on', async () => {
  const file = path('much.tfrecords');
  await write(
    file,
    Array.from({ length: 60 }, () => randomBytes(200_000)),
    'GZIP',
  );
  let packedRead = 0;
  const records = readRecords(file, { onRead: (bytes) => (packedRead = bytes) });
  await records.next();
  await new Promise((resolve) => setTimeout(resolve, 200));
  await records.next();
  expect(packedRead).toBeLessThan(2_500_000); // of 12 MB
  await records.return();
});

test('an empty file has no records; one that is not there cannot be read', async () => {
  expect(await read(fileOf(Buffer.alloc(0)))).toEqual([]);
  expect(await read(fileOf(Buffer.alloc(0), 'GZIP'))).toEqual([]);
  await expect(read(path('missing.tfrecords'))).rejects.toThrow(RunError);
  await expect(read(folder)).rejects.toThrow(RunError);
});

/** The first bytes of a record of a length, with the checksum that belongs to it. */
function headerOf(length: number): Buffer {
  const header = Buffer.alloc(12);
  header.writeBigUInt64LE(BigInt(length));
  header.writeUInt32LE(maskedCrc32c(header.subarray(0, 8)), 8);
  return header;
}

test('a record too large to be one is refused before it is unpacked', async () => {
  const bomb = Buffer.concat([headerOf(80 * 2 ** 20), Buffer.alloc(80 * 2 ** 20)]);
  const file = fileOf(bomb, 'GZIP');
  const { error } = await readUntilError(file);
  expect(error.why).toMatch(/83886080 bytes; records of at most 67108864/);
  await expect(countRecords(file)).rejects.toThrow(RunError);
});

test.each([
  ['ZLIB', deflateSync(Buffer.alloc(1000, 7)), /ZLIB: write it with GZIP/],
  ['ZLIB, best', deflateSync(Buffer.alloc(1000, 7), { level: 9 }), /ZLIB/],
  ['a Git LFS pointer', Buffer.from('version https://git-lfs.github.com/spec/v1\noid'), /Git LFS pointer/],
  ['a zip', Buffer.from('PK\x03\x04 and more of it'), /zip/],
  ['a page', Buffer.from('<!DOCTYPE html><html>'), /HTML/],
])('%s in the place of records is named', async (_, bytes, what) => {
  const { error } = await readUntilError(fileOf(bytes));
  expect(error.why).toMatch(what);
});

test('a pipe is no file, and is not waited for', async () => {
  execFileSync('mkfifo', [path('pipe')]);
  await expect(read(path('pipe'))).rejects.toThrow(/cannot be read/);
});

describe('the writer', () => {
  test('the file appears only when it is whole', async () => {
    const file = path('sub/folder/a.tfrecords');
    const writer = await RecordWriter.create(file);
    await writer.write(bytesOf('a'));
    expect(existsSync(file)).toBe(false);
    await writer.close();
    await writer.discard();
    expect(gunzipSync(readFileSync(file))).toEqual(plain('a'));
    expect(readdirSync(path('sub/folder'))).toEqual(['a.tfrecords']);
  });

  test.each(['none', 'GZIP'] as const)('discarded: no trace (%s)', async (compression) => {
    const writer = await RecordWriter.create(path('a.tfrecords'), { compression });
    for (let i = 0; i < 50; i++) await writer.write(new Uint8Array(100_000).fill(i));
    await writer.discard();
    expect(readdirSync(folder)).toEqual([]);
  });

  test('nothing is overwritten unasked, not even what came in between', async () => {
    const file = fileOf(plain('old'));
    await expect(RecordWriter.create(file)).rejects.toThrow(UsageError);
    const late = path('late.tfrecords');
    const writer = await RecordWriter.create(late);
    writeFileSync(late, 'quicker');
    await expect(writer.close()).rejects.toThrow(UsageError);
    expect(readFileSync(late, 'utf8')).toBe('quicker');
    expect(readdirSync(folder).sort()).toEqual(['late.tfrecords', 'none.tfrecords']);

    const again = await RecordWriter.create(file, { overwrite: true, compression: 'none' });
    await again.write(bytesOf('new'));
    await again.close();
    expect(readFileSync(file)).toEqual(plain('new'));
  });

  test('what a killed writer left behind is cleared; that of a living one is not', async () => {
    const leftover = path(`.a.tfrecords.${hostname()}-999999999.partial`);
    const living = path(`.a.tfrecords.${hostname()}-${process.ppid}.partial`);
    writeFileSync(leftover, 'half');
    writeFileSync(living, 'half');
    await write(path('a.tfrecords'), [bytesOf('a')], 'GZIP');
    expect(existsSync(leftover)).toBe(false);
    expect(existsSync(living)).toBe(true);
  });

  test.each(['none', 'GZIP'] as const)(
    'a disk that fills up is a RunError, and nothing is left (%s)',
    async (compression) => {
      const writeFile = jest.spyOn(
        Object.getPrototypeOf(await probe()) as { writeFile: () => Promise<void> },
        'writeFile',
      );
      try {
        const writer = await RecordWriter.create(path('a.tfrecords'), { compression });
        writeFile.mockRejectedValue(Object.assign(new Error('no space left'), { code: 'ENOSPC' }));
        const writing = async (): Promise<void> => {
          for (let i = 0; i < 50; i++) await writer.write(randomBytes(100_000));
          await writer.close();
        };
        await expect(writing()).rejects.toThrow(/a\.tfrecords failed; nothing of it was kept\. The disk is full\./);
        await writer.discard();
        expect(readdirSync(folder)).toEqual([]);
      } finally {
        writeFile.mockRestore();
      }
    },
  );

  const onLinux = existsSync('/dev/full') ? test : test.skip;
  onLinux('a folder that cannot be made is a RunError', async () => {
    await expect(RecordWriter.create('/dev/full/a.tfrecords')).rejects.toThrow(RunError);
  });
});
