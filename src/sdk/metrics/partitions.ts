/** How two ways of cutting an image into regions agree. A region is told by its label, an integer for each pixel. */

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

/**
 * Mean best overlap: for every true region but the background the highest intersection over union with a predicted one,
 * then the mean over regions. NaN where there is none.
 *
 * @param truth `[P]`; a pixel with a negative label is ignored
 * @param predicted `[P]`
 *
 * Source: J. Pont-Tuset et al., Multiscale combinatorial grouping, 2017 (average best overlap).
 */
export function meanBestOverlap(truth: ArrayLike<number>, predicted: ArrayLike<number>, background = 0): number {
  const { cells, ...sizes } = contingency(truth, predicted);
  const best = new Map<number, number>();
  for (const { truth: label, predicted: region, count } of cells) {
    if (label === background) continue;
    const union = sizes.truth.get(label)! + sizes.predicted.get(region)! - count;
    best.set(label, Math.max(best.get(label) ?? 0, count / union));
  }
  return [...best.values()].reduce((sum, overlap) => sum + overlap, 0) / best.size;
}
