/** The metrics against scikit-learn, scikit-image and SciPy: make_expected.py makes the numbers. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  adjustedRandIndex,
  areaUnderRoc,
  averagePrecision,
  bestOverlaps,
  maskDice,
  maskIou,
  matchedOverlaps,
  matchMasks,
  meanBestOverlap,
  meanIou,
  otsuThreshold,
  precisionRecallCurve,
  rocCurve,
  segmentationCovering,
  shareFound,
  type CurvePoint,
  type RegionOverlap,
} from 'osc-trainer/sdk/metrics';

interface Masks {
  readonly count: number;
  readonly values: number[];
}

interface Expected {
  rand_index: { name: string; truth: number[]; predicted: number[]; index: number }[];
  ranking: {
    name: string;
    labels: number[];
    scores: number[];
    weights: number[] | null;
    ap: number;
    auroc: number | null;
  }[];
  otsu: { name: string; values: number[]; threshold: number }[];
  masks: {
    name: string;
    truth: Masks;
    predicted: Masks;
    iou: number[];
    dice: number[];
    rows: number[];
    cols: number[];
  }[];
  /** null where no object is there to be overlapped. */
  best_overlap: { name: string; truth: number[]; predicted: number[]; overlap: number | null }[];
  regions: {
    name: string;
    truth: number[];
    predicted: number[];
    /** Ascending; the overlaps are theirs. */
    labels: number[];
    best: number[];
    matched: number[];
    /** null where nothing is labelled, or where no object is. */
    covering: number | null;
    scaled: number | null;
    mean_iou: number | null;
    found: number | null;
  }[];
}

const expected = JSON.parse(readFileSync(join(__dirname, 'expected.json'), 'utf8')) as Expected;

function expectClose(actual: ArrayLike<number>, wanted: readonly number[]): void {
  expect(actual).toHaveLength(wanted.length);
  wanted.forEach((value, i) => {
    expect(actual[i]).toBeCloseTo(value, 10);
  });
}

describe('adjusted Rand index', () => {
  test.each(expected.rand_index)('$name', ({ truth, predicted, index }) => {
    expect(adjustedRandIndex(truth, predicted)).toBeCloseTo(index, 10);
  });

  test('names of regions do not matter, and it is symmetric where all is labelled', () => {
    for (const { truth, predicted } of expected.rand_index) {
      if (truth.some((label) => label < 0)) continue;
      const index = adjustedRandIndex(truth, predicted);
      const renamed = predicted.map((label) => 100 - label);
      expect(adjustedRandIndex(truth, renamed)).toBeCloseTo(index, 12);
      expect(adjustedRandIndex(predicted, truth)).toBeCloseTo(index, 12);
    }
  });

  test('is not defined where nothing is labelled, and refuses other numbers of pixels', () => {
    expect(adjustedRandIndex([], [])).toBeNaN();
    expect(adjustedRandIndex([-1, -1], [0, 1])).toBeNaN();
    expect(() => adjustedRandIndex([0, 1], [0])).toThrow(RangeError);
  });
});

describe('ranking', () => {
  test.each(expected.ranking)('$name', ({ labels, scores, weights, ap, auroc }) => {
    expect(averagePrecision(labels, scores, weights ?? undefined)).toBeCloseTo(ap, 10);
    const area = areaUnderRoc(labels, scores, weights ?? undefined);
    if (auroc === null) expect(area).toBeNaN();
    else expect(area).toBeCloseTo(auroc, 10);
  });

  test.each(expected.ranking)(
    'curves of $name: their areas are the metrics',
    ({ labels, scores, weights, ap, auroc }) => {
      const areaUnder = (points: CurvePoint[]): number =>
        points.slice(1).reduce((sum, [x, y], i) => sum + ((x - points[i]![0]) * (y + points[i]![1])) / 2, 0);
      const precision = precisionRecallCurve(labels, scores, weights ?? undefined);
      expect(areaUnder(precision)).toBeCloseTo(ap, 10);
      expect([precision[0]?.[0], precision.at(-1)?.[0]]).toEqual(
        precision.length === 0 ? [undefined, undefined] : [0, 1],
      );
      const roc = rocCurve(labels, scores, weights ?? undefined);
      expect(roc.length === 0).toBe(auroc === null);
      if (auroc === null) return;
      expect(areaUnder(roc)).toBeCloseTo(auroc, 10);
      expect([roc[0], roc.at(-1)]).toEqual([
        [0, 0],
        [1, 1],
      ]);
    },
  );

  test('refuses what it cannot rank', () => {
    expect(() => averagePrecision([0, 1], [0, NaN])).toThrow('number 1 is NaN');
    expect(() => areaUnderRoc([0, 2], [0, 1])).toThrow('number 1 is 2');
    expect(() => averagePrecision([0, 1], [0])).toThrow(RangeError);
  });
});

describe('threshold of Otsu', () => {
  test.each(expected.otsu)('$name', ({ values, threshold }) => {
    expect(otsuThreshold(Float32Array.from(values))).toBe(threshold);
  });

  test('of values closer than bins can be is their maximum: nothing lies above it', () => {
    const next = 1 + 2 ** -23;
    expect(otsuThreshold(Float32Array.of(1, next, 1, next))).toBe(next);
  });

  test('refuses what has no threshold', () => {
    expect(() => otsuThreshold(new Float32Array(0))).toThrow(RangeError);
    expect(() => otsuThreshold(Float32Array.of(0, NaN))).toThrow('one is NaN');
  });
});

describe('overlap of masks', () => {
  test.each(expected.masks)('$name', ({ truth, predicted, iou, dice, rows, cols }) => {
    const actual = maskIou(truth.values, truth.count, predicted.values, predicted.count);
    expectClose(actual, iou);
    expectClose(maskDice(truth.values, truth.count, predicted.values, predicted.count), dice);
    const { indices, scores } = matchMasks(actual, truth.count, predicted.count);
    expect([...indices.keys()].filter((t) => indices[t]! >= 0)).toEqual(rows);
    expect([...indices].filter((s) => s >= 0)).toEqual(cols);
    expectClose(
      scores,
      Array.from(indices, (s, t) => (s < 0 ? 0 : iou[t * predicted.count + s]!)),
    );
  });

  test('dice weighs soft masks', () => {
    // 2 * (0.5 + 0.25) / (2 + 0.5 + 0.25 + 0.75)
    expect(maskDice([1, 1, 0], 1, [0.5, 0.25, 0.75], 1)[0]).toBeCloseTo(1.5 / 3.5, 12);
  });

  test('refuses masks of other sizes', () => {
    expect(() => maskIou([1, 0, 1], 1, [1, 0], 1)).toThrow(RangeError);
  });
});

describe('mean best overlap', () => {
  test.each(expected.best_overlap)('$name', ({ truth, predicted, overlap }) => {
    const actual = meanBestOverlap(truth, predicted);
    if (overlap === null) expect(actual).toBeNaN();
    else expect(actual).toBeCloseTo(overlap, 12);
  });

  test('takes the best of the predicted regions for each object, which may share one', () => {
    const truth = [0, 0, 1, 1, 2, 2, -1];
    const predicted = [5, 5, 5, 7, 7, 7, 7];
    // object 1: region 5 (1 of 4) or 7 (1 of 4); object 2: region 7 (2 of 3); the last pixel does not count
    expect(meanBestOverlap(truth, predicted)).toBeCloseTo((1 / 4 + 2 / 3) / 2, 12);
  });

  test('is 1 for the same regions and not defined without an object', () => {
    expect(meanBestOverlap([0, 1, 2, 2], [3, 2, 1, 1])).toBe(1);
    expect(meanBestOverlap([0, 0, -1], [0, 1, 2])).toBeNaN();
  });
});

describe('overlaps of regions', () => {
  test.each(expected.regions)('$name', ({ truth, predicted, labels, best, matched, ...means }) => {
    const byLabel = (regions: readonly RegionOverlap[]): RegionOverlap[] =>
      [...regions].sort((a, b) => a.label - b.label);
    const covers = byLabel(bestOverlaps(truth, predicted));
    expect(covers.map(({ label }) => label)).toEqual(labels);
    expect(covers.map(({ size }) => size)).toEqual(labels.map((label) => truth.filter((one) => one === label).length));
    expectClose(
      covers.map(({ overlap }) => overlap),
      best,
    );
    expectClose(
      byLabel(matchedOverlaps(truth, predicted)).map(({ overlap }) => overlap),
      matched,
    );
    const { mean, scaled } = segmentationCovering(truth, predicted);
    const found = shareFound(covers.filter(({ label }) => label > 0));
    for (const [actual, wanted] of [
      [mean, means.covering],
      [scaled, means.scaled],
      [meanIou(truth, predicted), means.mean_iou],
      [found, means.found],
    ] as const) {
      if (wanted === null) expect(actual).toBeNaN();
      else expect(actual).toBeCloseTo(wanted, 12);
    }
  });
});
