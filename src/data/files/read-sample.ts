import { existsSync } from 'node:fs';
import type { Sample } from '../../sdk';
import { decodingRecord, parseExample, readRecords, recordCount, type RecordLayout } from '../../sdk/data';
import { inferLayout, sampleOf } from '../../sdk/data/internal';
import { UsageError } from '../../sdk/errors';
import type { Progress } from '../../sdk/logger';
import { shortenText } from '../../util/text';

export interface ReadSampleOptions {
  readonly index: number;
  /** How records may look. */
  readonly layouts: readonly RecordLayout[];
  /** `[H, W]` of images that are not as large as in any layout. */
  readonly imageSize?: readonly [number, number] | undefined;
}

/**
 * One sample of a file.
 *
 * @throws UsageError when there is no such file or record, or the layout of its records is not known
 * @throws RunError for a broken record
 */
export async function readSample(
  file: string,
  { index, layouts, imageSize }: ReadSampleOptions,
  progress: Progress,
): Promise<Sample> {
  if (!existsSync(file)) throw new UsageError(`There is no file ${file}.`, undefined, ['osc data info']);
  for await (const record of readRecords(file, { from: index })) {
    return decodingRecord(record, () => {
      const features = parseExample(record.bytes);
      const layout = inferLayout(features, layouts, imageSize);
      if (layout) {
        const { fields, numBackground = 1 } = layout;
        return { ...sampleOf(features, fields), numBackground };
      }
      throw new UsageError(
        `Record ${index} of ${file} cannot be shown.`,
        `It is not an image in a layout of the data sets; it has the fields ${shortenText([...features.keys()].join(', '), 500) || '(none)'}.`,
        [`osc data info ${file}`, '--image-size H,W    (if its images are not of a published size)'],
      );
    });
  }
  const records = await recordCount(file, progress);
  throw new UsageError(
    `The file ${file} has no record ${index}.`,
    records === 0 ? 'It has no records.' : `Its ${records} records are numbered 0 to ${records - 1}.`,
    [`osc data info ${file}`],
  );
}
