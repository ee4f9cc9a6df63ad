/** How two ways of cutting an image into regions agree. A region is told by its label, an integer for each pixel. */
import { linearSumAssignment } from './assignment';

/** Pixels of true label `truth` and predicted label `predicted`. */
interface Cell {
  readonly truth: number;
  readonly predicted: number;
  count: number;
}

interface Contingency {
  /** Those that are not empty. */
  readonly cells: readonly Cell[];
  /** Pixels by label. */
  readonly truth: ReadonlyMap<number, number>;
  readonly predicted: ReadonlyMap<number, number>;
  /** Pixels with a true label. */
  readonly total: number;
}

/** Counts pixels with a true label; a negative one is none. */
function contingency(truth: ArrayLike<number>, predicted: ArrayLike<number>): Contingency {
  if (truth.length !== predicted.length) {
    throw new RangeError(`${truth.length} true labels cannot be compared with ${predicted.length} predicted ones.`);
  }
  const rows = new Map<number, Map<number, Cell>>();
  const cellOf = (i: number, j: number): Cell => {
    const row = rows.get(i) ?? new Map<number, Cell>();
    const cell = row.get(j) ?? { truth: i, predicted: j, count: 0 };
    rows.set(i, row.set(j, cell));
    return cell;
  };
  let cell: Cell | undefined;
  for (let p = 0; p < truth.length; p++) {
    const [i, j] = [truth[p]!, predicted[p]!];
    if (i < 0) continue;
    // neighbours mostly belong together
    if (cell?.truth !== i || cell.predicted !== j) cell = cellOf(i, j);
    cell.count++;
  }
  const cells = [...rows.values()].flatMap((row) => [...row.values()]);
  const sums = { truth: new Map<number, number>(), predicted: new Map<number, number>() };
  for (const { truth: i, predicted: j, count } of cells) {
    sums.truth.set(i, (sums.truth.get(i) ?? 0) + count);
    sums.predicted.set(j, (sums.predicted.get(j) ?? 0) + count);
  }
  return { cells, ...sums, total: cells.reduce((total, { count }) => total + count, 0) };
}

/** Ordered pairs of two different pixels of one region. */
function pairs(counts: Iterable<number>): number {
  let sum = 0;
  for (const count of counts) sum += count * (count - 1);
  return sum;
}

/**
 * The adjusted Rand index: agreement about which pixels belong together, 1 for the same partition, 0 for what chance
 * gives. Pixels with a negative true label are ignored; for FG-ARI those of the background are given one.
 *
 * Where chance leaves nothing to be told (both are a single region, or regions of one pixel each) the partitions are the
 * same, and the index is 1. Without a labelled pixel it is NaN.
 *
 * Source: L. Hubert and P. Arabie, Comparing partitions, 1985; `adjusted_rand_index` of the published multi-object data
 * sets' `segmentation_metrics` (which gives NaN for some of these degenerate cases).
 */
export function adjustedRandIndex(truth: ArrayLike<number>, predicted: ArrayLike<number>): number {
  const table = contingency(truth, predicted);
  if (table.total === 0) return NaN;
  const together = pairs(table.cells.map(({ count }) => count));
  const ofTruth = pairs(table.truth.values());
  const ofPredicted = pairs(table.predicted.values());
  const all = table.total * (table.total - 1);
  // both sides of the last fraction are 0 exactly where the partitions are trivial in the same way
  if (ofTruth === ofPredicted && (ofTruth === 0 || ofTruth === all)) return 1;
  const expected = (ofTruth / all) * ofPredicted;
  return (together - expected) / ((ofTruth + ofPredicted) / 2 - expected);
}

/** How much of a true region one predicted region covers. */
export interface RegionOverlap {
  /** Of the true region. */
  readonly label: number;
  /** Its pixels. */
  readonly size: number;
  /** Intersection over union. */
  readonly overlap: number;
}

function unionOf({ truth, predicted, count }: Cell, sizes: Contingency): number {
  return sizes.truth.get(truth)! + sizes.predicted.get(predicted)! - count;
}

/**
 * For every true region the highest intersection over union with a predicted one, which several may share. Pixels with a
 * negative true label are ignored.
 */
export function bestOverlaps(truth: ArrayLike<number>, predicted: ArrayLike<number>): RegionOverlap[] {
  const table = contingency(truth, predicted);
  const best = new Map<number, number>();
  for (const cell of table.cells) {
    best.set(cell.truth, Math.max(best.get(cell.truth) ?? 0, cell.count / unionOf(cell, table)));
  }
  return Array.from(best, ([label, overlap]) => ({ label, size: table.truth.get(label)!, overlap }));
}

/**
 * For every true region the intersection over union with a predicted one of its own: one to one, so that the sum is
 * greatest (Hungarian); 0 for a region that is left without one. Pixels with a negative true label are ignored.
 */
export function matchedOverlaps(truth: ArrayLike<number>, predicted: ArrayLike<number>): RegionOverlap[] {
  const table = contingency(truth, predicted);
  const labels = [...table.truth.keys()];
  const regions = [...table.predicted.keys()];
  const rows = new Map(labels.map((label, row) => [label, row]));
  const columns = new Map(regions.map((region, column) => [region, column]));
  const scores = new Float64Array(labels.length * regions.length);
  for (const cell of table.cells) {
    const place = rows.get(cell.truth)! * regions.length + columns.get(cell.predicted)!;
    scores[place] = cell.count / unionOf(cell, table);
  }
  const overlaps = new Float64Array(labels.length);
  const assigned = linearSumAssignment(scores, labels.length, regions.length, { maximize: true });
  assigned.rows.forEach((row, i) => {
    overlaps[row] = scores[row * regions.length + assigned.cols[i]!]!;
  });
  return labels.map((label, row) => ({ label, size: table.truth.get(label)!, overlap: overlaps[row]! }));
}

/** NaN for none. */
export function meanOverlap(regions: readonly RegionOverlap[]): number {
  return regions.reduce((sum, { overlap }) => sum + overlap, 0) / regions.length;
}

/**
 * Mean best overlap (mBO): for every true region but the background the highest intersection over union with a predicted
 * one, then the mean over regions. NaN where there is none. It says nothing of what else is predicted: pieces of a
 * background in a thousand parts, or two objects in one region, cost it little or nothing.
 *
 * @param truth `[P]`; a pixel with a negative label is ignored
 * @param predicted `[P]`
 *
 * Source: J. Pont-Tuset et al., Multiscale combinatorial grouping, 2017 (average best overlap).
 */
export function meanBestOverlap(truth: ArrayLike<number>, predicted: ArrayLike<number>, background = 0): number {
  return meanOverlap(bestOverlaps(truth, predicted).filter(({ label }) => label !== background));
}

/** Of one image; NaN where nothing is labelled. */
export interface SegmentationCovering {
  /** Every true region counts the same (mSC). */
  readonly mean: number;
  /** A true region counts by its pixels (SC): where most of an image is background, little else shows. */
  readonly scaled: number;
}

/** {@link segmentationCovering} of what {@link bestOverlaps} gives. */
export function coveringOf(regions: readonly RegionOverlap[]): SegmentationCovering {
  const pixels = regions.reduce((sum, { size }) => sum + size, 0);
  return {
    mean: meanOverlap(regions),
    scaled: regions.reduce((sum, { size, overlap }) => sum + size * overlap, 0) / pixels,
  };
}

/**
 * Segmentation covering: the mean over all true regions, the background one of them, of the highest intersection over
 * union with a predicted one. Of the objects alone it is {@link meanBestOverlap}.
 *
 * @param truth `[P]`; a pixel with a negative label is ignored
 * @param predicted `[P]`
 *
 * Source: P. Arbeláez et al., Contour detection and hierarchical image segmentation, 2011 (scaled); M. Engelcke et al.,
 * GENESIS, 2020 (unweighted too; `average_segcover` of its code, which gives 0 where nothing is labelled).
 */
export function segmentationCovering(truth: ArrayLike<number>, predicted: ArrayLike<number>): SegmentationCovering {
  return coveringOf(bestOverlaps(truth, predicted));
}

/**
 * Mean intersection over union (mIoU) of the true regions but the background with predicted regions of their own:
 * {@link matchedOverlaps}, with the background in the matching, then the mean over the others. NaN where there is none.
 * A region that the background needs more is lost to an object, however well it fits.
 *
 * @param truth `[P]`; a pixel with a negative label is ignored
 * @param predicted `[P]`
 */
export function meanIou(truth: ArrayLike<number>, predicted: ArrayLike<number>, background = 0): number {
  return meanOverlap(matchedOverlaps(truth, predicted).filter(({ label }) => label !== background));
}
