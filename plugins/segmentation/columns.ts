/** What is measured of masks: means over images, and shares of objects. */
import { OBJECT_SIZES, objectSize, shareFound, type MaskScores, type ObjectSize } from 'osc-trainer/sdk/metrics';

interface Column {
  /** Without the `test/` of its metric. */
  readonly name: string;
  readonly label: string;
  readonly headline?: boolean;
}

/** Means of the scores of images. */
const MEANS = {
  iou: { name: 'iou/by_img_no_bg', label: 'IoU', headline: true },
  dice: { name: 'dice/by_img_no_bg', label: 'Dice' },
  ari: { name: 'ari', label: 'ARI', headline: true },
  fgAri: { name: 'fg_ari', label: 'FG-ARI', headline: true },
  mbo: { name: 'mbo', label: 'mBO', headline: true },
  msc: { name: 'msc', label: 'mSC' },
  sc: { name: 'sc', label: 'SC' },
  miou: { name: 'miou', label: 'mIoU' },
} as const satisfies Record<Exclude<keyof MaskScores, 'objects'>, Column>;

const MEAN_KEYS = Object.keys(MEANS) as (keyof typeof MEANS)[];
const SIZES = Object.keys(OBJECT_SIZES) as ObjectSize[];

const FOUND: Column = { name: 'found', label: 'Objects found', headline: true };
const foundOf = (size: ObjectSize): Column => ({ name: `found/${size}`, label: `${FOUND.label}, ${size}` });

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
