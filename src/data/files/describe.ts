/** What files of records hold. */
import { readdir, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import {
  type Compression,
  type Feature,
  type FieldType,
  type RecordLayout,
  decodingRecord,
  keepRecordCount,
  parseExample,
  readRecords,
  recordCount,
} from '../../sdk/data';
import { compressionOf, inferLayout } from '../../sdk/data/internal';
import { UsageError } from '../../sdk/errors';
import type { Progress } from '../../sdk/logger';

const MEGABYTE = 1e6;
const EXTENSION = /\.tfrecords?$/;

export interface FieldDescription {
  readonly name: string;
  /** The list of `tf.train.Feature` it is. */
  readonly list: Feature['kind'];
  /** Values in that list. */
  readonly values: number;
  /** How they are read and in which shape, where the layout of the record is known. */
  readonly type?: FieldType;
  readonly shape?: readonly number[];
}

export interface FileDescription {
  readonly file: string;
  readonly compression: Compression;
  readonly bytes: number;
  readonly records: number;
  /** Of the first record. */
  readonly recordBytes: number;
  readonly fields: readonly FieldDescription[];
}

/** The file itself, or all TFRecord files in a folder and its folders. @throws UsageError if there are none */
export async function findRecordFiles(path: string): Promise<string[]> {
  const found = await stat(path).catch((error: NodeJS.ErrnoException) => {
    throw new UsageError(`There is no file or folder ${path}.`, error.code === 'ENOENT' ? undefined : error.message, [
      'osc data info FILE',
    ]);
  });
  if (!found.isDirectory()) return [path];
  const names = await readdir(path, { recursive: true });
  const files = names.filter((name) => EXTENSION.test(name) && !basename(name).startsWith('.')).sort();
  if (files.length === 0) {
    throw new UsageError(`There are no files *.tfrecords in ${path}.`, undefined, ['osc data info FILE']);
  }
  return files.map((name) => join(path, name));
}

function describeFields(bytes: Uint8Array, layouts: readonly RecordLayout[]): FieldDescription[] {
  const features = parseExample(bytes);
  const specs = new Map(inferLayout(features, layouts)?.fields.map((spec) => [spec.name, spec]));
  return [...features].map(([name, feature]) => {
    const spec = specs.get(name);
    return {
      name,
      list: feature.kind,
      values: feature.count(),
      ...(spec && { type: spec.type, shape: spec.shape }),
    };
  });
}

/** Reads all of a file. @throws RunError for the first broken record */
async function checkRecords(file: string, progress: Progress): Promise<number> {
  let records = 0;
  progress.start(`Checking ${basename(file)}`, (await stat(file)).size / MEGABYTE, 'MB');
  const onRead = (bytes: number): void => progress.update(bytes / MEGABYTE);
  try {
    for await (const { index } of readRecords(file, { onRead })) records = index + 1;
  } finally {
    progress.stop();
  }
  await keepRecordCount(file, records);
  return records;
}

export interface DescribeFileOptions {
  /** How records may look. */
  readonly layouts: readonly RecordLayout[];
  /** Verify the checksum of every record, too. */
  readonly check: boolean;
}

/**
 * @throws RunError for a file that cannot be read, or whose first record (with `check`: any record) is broken
 */
export async function describeFile(
  file: string,
  { layouts, check }: DescribeFileOptions,
  progress: Progress,
): Promise<FileDescription> {
  const compression = await compressionOf(file);
  const { size: bytes } = await stat(file);
  let recordBytes = 0;
  let fields: FieldDescription[] = [];
  for await (const record of readRecords(file)) {
    recordBytes = record.bytes.length;
    fields = decodingRecord(record, () => describeFields(record.bytes, layouts));
    break;
  }
  const records = check ? await checkRecords(file, progress) : await recordCount(file, progress);
  return { file, compression, bytes, records, recordBytes, fields };
}
