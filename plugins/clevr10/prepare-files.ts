/** Splitting the published file as the reference does (its README, "Data"). */
import { existsSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import {
  type PreparedFile,
  type PrepareFilesOptions,
  type Progress,
  type RawRecord,
  RunError,
  type SplitName,
  UsageError,
} from 'osc-trainer/sdk';
import {
  decodeSample,
  downloadCommand,
  encodeImageRecord,
  keepRecordCount,
  readRecords,
  RecordWriter,
} from 'osc-trainer/sdk/data';
import { FOLDER, PUBLISHED_FILE, SPLITS, SPLIT_SIZES, WHOLE_FIELDS, splitFile } from './records';

const MEGABYTE = 1e6;

function checkFiles(root: string, source: string, targets: readonly string[], overwrite: boolean): void {
  if (!existsSync(source)) {
    throw new UsageError(`There is no file ${source}.`, 'It is the published CLEVR file that the splits are made of.', [
      downloadCommand({ root, folder: FOLDER, files: [PUBLISHED_FILE] }),
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
  const { image, height, width } = decodeSample(record, WHOLE_FIELDS);
  return encodeImageRecord(image, height, width);
}

interface SplitTarget {
  readonly split: SplitName;
  readonly file: string;
  readonly writer: RecordWriter;
}

/**
 * Writes `imgs_{train,val,test}.tfrecords` beside the published file. They get their names only when all three are
 * whole. Records come in the published order; those of train and val are equal to the byte to the reference's.
 *
 * @param root the folder that has `clevr_with_masks/clevr_with_masks_train.tfrecords`
 * @throws UsageError when the published file is missing or split files are there already
 * @throws RunError for a broken record, too few records or a full disk; then nothing is left
 */
export async function splitPublishedFile(
  root: string,
  options: PrepareFilesOptions,
  progress: Progress,
): Promise<PreparedFile[]> {
  const { train, val } = { train: options.train ?? SPLIT_SIZES.train, val: options.val ?? SPLIT_SIZES.val };
  const { overwrite, signal } = options;
  const folder = join(root, FOLDER);
  const source = join(folder, PUBLISHED_FILE);
  const files = SPLITS.map((split) => ({ split, file: join(folder, splitFile(split)) }));
  checkFiles(
    root,
    source,
    files.map(({ file }) => file),
    overwrite,
  );

  const targets: SplitTarget[] = [];
  progress.start('Splitting CLEVR', (await stat(source)).size / MEGABYTE, 'MB');
  try {
    for (const target of files) {
      targets.push({ ...target, writer: await RecordWriter.create(target.file, { overwrite }) });
    }
    const [toTrain, toVal, toTest] = targets as [SplitTarget, SplitTarget, SplitTarget];
    const onRead = (bytes: number): void => progress.update(bytes / MEGABYTE);
    for await (const record of readRecords(source, { onRead })) {
      if (signal?.aborted) throw new RunError('Stopped before all records were split; no split file was written.');
      const { split, writer } = record.index < train ? toTrain : record.index < train + val ? toVal : toTest;
      await writer.write(recordFor(split, record));
    }
    if (toTest.writer.records === 0) {
      const total = toTrain.writer.records + toVal.writer.records;
      throw new RunError(
        `The file ${source} has ${total} records: with ${train} for train and ${val} for val none is left for test.`,
        'No split file was written.',
        [`osc data prepare --data-root ${root} --train N --val N, with a sum below ${total}`],
      );
    }
    for (const { writer } of targets) await writer.close();
  } finally {
    for (const { writer } of targets) await writer.discard();
    progress.stop();
  }
  const prepared: PreparedFile[] = [];
  for (const { split, file, writer } of targets) {
    const { records } = writer;
    await keepRecordCount(file, records);
    prepared.push({ split, file, records, bytes: (await stat(file)).size });
  }
  return prepared;
}
