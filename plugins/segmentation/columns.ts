/** What is measured of masks: means over images, and shares of objects. */
import type { MetricDescription } from 'osc-trainer/sdk';
import { OBJECT_SIZES, objectSize, shareFound, type MaskScores, type ObjectSize } from 'osc-trainer/sdk/metrics';

interface Column {
  /** Without the `test/` of its metric. */
  readonly name: string;
  readonly label: string;
  readonly headline?: boolean;
  /** In the table for people; without, it stands beside it. */
  readonly column?: string;
}

/** Means of the scores of images. */
const MEANS = {
  iou: { name: 'iou/by_img_no_bg', label: 'IoU', column: 'IoU', headline: true },
  dice: { name: 'dice/by_img_no_bg', label: 'Dice', column: 'Dice' },
  ari: { name: 'ari', label: 'ARI', column: 'ARI', headline: true },
  fgAri: { name: 'fg_ari', label: 'FG-ARI', column: 'FG-ARI', headline: true },
  mbo: { name: 'mbo', label: 'mBO', column: 'mBO', headline: true },
  msc: { name: 'msc', label: 'mSC', column: 'mSC' },
  sc: { name: 'sc', label: 'SC' },
  miou: { name: 'miou', label: 'mIoU', column: 'mIoU' },
} as const satisfies Record<Exclude<keyof MaskScores, 'objects'>, Column>;

const MEAN_KEYS = Object.keys(MEANS) as (keyof typeof MEANS)[];
const SIZES = Object.keys(OBJECT_SIZES) as ObjectSize[];

const FOUND: Column = { name: 'found', label: 'Objects found', column: 'found', headline: true };
const foundOf = (size: ObjectSize): Column => ({ name: `found/${size}`, label: `${FOUND.label}, ${size}` });

/** What is measured of every row. */
export const COLUMNS: readonly Column[] = [...Object.values(MEANS), FOUND, ...SIZES.map(foundOf)];

/** What the reference gives NaN for in an image without objects. */
const OF_REFERENCE: readonly string[] = ['iou', 'dice'];

/** Of many images, by the names of {@link COLUMNS}; what is not defined on them is left out. */
export type Summary = Readonly<Record<string, number>>;

/** @param withoutObjects what an image without a visible object does to the means of IoU and Dice */
export function summarise(images: readonly MaskScores[], withoutObjects: 'skip' | 'nan'): Summary {
  const summary: Record<string, number> = {};
  for (const key of MEAN_KEYS) {
    const values = images.map((scores) => scores[key]);
    const skip = withoutObjects === 'skip' || !OF_REFERENCE.includes(key);
    const counted = skip ? values.filter((value) => !Number.isNaN(value)) : values;
    if (counted.length === 0) continue;
    summary[MEANS[key].name] = counted.reduce((sum, value) => sum + value, 0) / counted.length;
  }
  const objects = images.flatMap((scores) => scores.objects);
  if (objects.length > 0) summary[FOUND.name] = shareFound(objects);
  for (const size of SIZES) {
    const ofSize = objects.filter((object) => objectSize(object) === size);
    if (ofSize.length > 0) summary[foundOf(size).name] = shareFound(ofSize);
  }
  return summary;
}

/** What is measured: masks of one source. */
export interface Row {
  /** In the names of its metrics: `attention_last`, `blind/grid`; empty for the attention that the option chose. */
  readonly key: string;
  /** In the table. */
  readonly label: string;
  /** What the model is compared with. */
  readonly baseline: boolean;
}

/** `test/iou/by_img_no_bg` of the chosen attention, `test/KEY/iou/by_img_no_bg` of any other row. */
export function metricName(column: string, { key }: Pick<Row, 'key'>): string {
  return key === '' ? `test/${column}` : `test/${key}/${column}`;
}

/**
 * Of all rows, by the names of the metrics.
 *
 * @param headlines keys of the rows that a run is summed up by
 */
export function describeRows(rows: readonly Row[], headlines: readonly string[]): Record<string, MetricDescription> {
  return Object.fromEntries(
    rows.flatMap((row) =>
      COLUMNS.map(({ name, label, column, headline = false }): [string, MetricDescription] => {
        const description = {
          label: row.key === '' ? label : `${label}, ${row.label}`,
          better: 'higher' as const,
          headline: headline && headlines.includes(row.key),
          ...(column !== undefined && { table: { row: row.label, column } }),
          ...(row.baseline && { baseline: true }),
        };
        return [metricName(name, row), description];
      }),
    ),
  );
}

/** The metrics of a row. */
export function metricsOf(row: Row, summary: Summary): Record<string, number> {
  return Object.fromEntries(Object.entries(summary).map(([column, value]) => [metricName(column, row), value]));
}
