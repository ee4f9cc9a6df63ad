/** How two ways of cutting an image into regions agree. A region is told by its label, an integer for each pixel. */

type Labels = ArrayLike<number>;

interface Contingency {
  /** Pixels of true label i and predicted label j. */
  readonly both: ReadonlyMap<number, ReadonlyMap<number, number>>;
  readonly truth: ReadonlyMap<number, number>;
  readonly predicted: ReadonlyMap<number, number>;
  /** Pixels with a true label. */
  readonly total: number;
}

/** Counts pixels with a true label; a negative one is none. */
function contingency(truth: Labels, predicted: Labels): Contingency {
  if (truth.length !== predicted.length) {
    throw new RangeError(`${truth.length} true labels cannot be compared with ${predicted.length} predicted ones.`);
  }
  const both = new Map<number, Map<number, number>>();
  const sums = { truth: new Map<number, number>(), predicted: new Map<number, number>() };
  let total = 0;
  const increment = (counts: Map<number, number>, label: number): void => {
    counts.set(label, (counts.get(label) ?? 0) + 1);
  };
  for (let p = 0; p < truth.length; p++) {
    const [i, j] = [truth[p]!, predicted[p]!];
    if (i < 0) continue;
    total++;
    let row = both.get(i);
    if (row === undefined) both.set(i, (row = new Map()));
    increment(row, j);
    increment(sums.truth, i);
    increment(sums.predicted, j);
  }
  return { both, ...sums, total };
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
export function adjustedRandIndex(truth: Labels, predicted: Labels): number {
  const table = contingency(truth, predicted);
  if (table.total === 0) return NaN;
  const together = pairs([...table.both.values()].flatMap((row) => [...row.values()]));
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
export function meanBestOverlap(truth: Labels, predicted: Labels, background = 0): number {
  const table = contingency(truth, predicted);
  let sum = 0;
  let regions = 0;
  for (const [label, row] of table.both) {
    if (label === background) continue;
    let best = 0;
    for (const [other, intersection] of row) {
      const union = table.truth.get(label)! + table.predicted.get(other)! - intersection;
      best = Math.max(best, intersection / union);
    }
    sum += best;
    regions++;
  }
  return regions === 0 ? NaN : sum / regions;
}
