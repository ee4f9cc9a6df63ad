/** Splitting the published CLEVR file as the reference does (its README, "Data"). */
import { existsSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { RawRecord, SplitName } from '../../sdk';
import {
  CLEVR_FOLDER,
  CLEVR_PUBLISHED_FILE,
  RecordWriter,
  clevrDownloadCommand,
  clevrSplitFile,
  decodeClevr,
  encodeImageRecord,
  expandHome,
  keepRecordCount,
  readRecords,
} from '../../sdk/data';
import { RunError, UsageError } from '../../sdk/errors';
import type { Progress } from '../../sdk/logger';

export interface PrepareOptions {
  /** Folder that has `clevr_with_masks/clevr_with_masks_train.tfrecords`; may begin with `~`. */
  readonly dataRoot: string;
  /** Records of the train and of the val split; what is left is the test split. */
  readonly train: number;
  readonly val: number;
  readonly overwrite: boolean;
  /** Stops early; nothing is left then. */
  readonly signal?: AbortSignal;
}

export interface PreparedSplit {
  readonly split: SplitName;
  readonly file: string;
  readonly records: number;
  readonly bytes: number;
}

const SPLITS: readonly SplitName[] = ['train', 'val', 'test'];
const MEGABYTE = 1e6;

function checkFiles(root: string, source: string, targets: readonly string[], overwrite: boolean): void {
  if (!existsSync(source)) {
    throw new UsageError(`There is no file ${source}.`, 'It is the published CLEVR file that the splits are made of.', [
      clevrDownloadCommand(root),
    ]);
  }
  const there = targets.filter((file) => existsSync(file));
  if (there.length > 0 && !overwrite) {
    throw new UsageError(`Split files are there already: ${there.join(', ')}.`, 'They are not overwritten unasked.', [
      `osc data prepare --data-root ${root} --overwrite`,
    ]);
  }
}

/** Train and val keep the image alone; test records are kept as they are. */
function recordFor(split: SplitName, record: RawRecord): Uint8Array {
  if (split === 'test') return record.bytes;
  const { image, height, width } = decodeClevr(record, 'test');
  return encodeImageRecord(image, height, width);
}

/**
 * Writes `imgs_{train,val,test}.tfrecords` beside the published file. They get their names only when all three are
 * whole. Records come in the published order; those of train and val are equal to the byte to the reference's.
 *
 * @throws UsageError when the published file is missing or split files are there already
 * @throws RunError for a broken record, too few records or a full disk; then nothing is left
 */
export async function prepareClevr(options: PrepareOptions, progress: Progress): Promise<PreparedSplit[]> {
  const { train, val, overwrite, signal } = options;
  const root = expandHome(options.dataRoot);
  const folder = join(root, CLEVR_FOLDER);
  const source = join(folder, CLEVR_PUBLISHED_FILE);
  const files = SPLITS.map((split) => join(folder, clevrSplitFile(split)));
  checkFiles(root, source, files, overwrite);

  const writers: RecordWriter[] = [];
  progress.start('Splitting CLEVR', (await stat(source)).size / MEGABYTE, 'MB');
  try {
    for (const file of files) writers.push(await RecordWriter.create(file, { overwrite }));
    const onRead = (bytes: number): void => progress.update(bytes / MEGABYTE);
    for await (const record of readRecords(source, { onRead })) {
      if (signal?.aborted) throw new RunError('Stopped before all records were split; no split file was written.');
      const which = record.index < train ? 0 : record.index < train + val ? 1 : 2;
      await writers[which]!.write(recordFor(SPLITS[which]!, record));
    }
    const records = writers.map((writer) => writer.records);
    if (records[2] === 0) {
      const total = records[0]! + records[1]!;
      throw new RunError(
        `The file ${source} has ${total} records: with ${train} for train and ${val} for val none is left for test.`,
        'No split file was written.',
        [`osc data prepare --data-root ${root} --train N --val N, with a sum below ${total}`],
      );
    }
    for (const writer of writers) await writer.close();
  } finally {
    for (const writer of writers) await writer.discard();
    progress.stop();
  }
  const prepared: PreparedSplit[] = [];
  for (const [which, file] of files.entries()) {
    const { records } = writers[which]!;
    await keepRecordCount(file, records);
    prepared.push({ split: SPLITS[which]!, file, records, bytes: (await stat(file)).size });
  }
  return prepared;
}
