/** How well scores rank the positive samples above the negative ones. Equal scores share one threshold. */

interface Point {
  /** Weight of the samples that score at least the threshold, and of the positive ones among them. */
  readonly all: number;
  readonly positive: number;
}

/** One point a threshold, the highest first. */
function thresholds(labels: ArrayLike<number>, scores: ArrayLike<number>, weights?: ArrayLike<number>): Point[] {
  const length = labels.length;
  if (scores.length !== length || (weights !== undefined && weights.length !== length)) {
    throw new RangeError(
      `${length} labels, ${scores.length} scores and ${weights?.length ?? length} weights do not belong together.`,
    );
  }
  for (let i = 0; i < length; i++) {
    if (!Number.isFinite(scores[i])) throw new RangeError(`Scores must be finite: number ${i} is ${scores[i]}.`);
    if (labels[i] !== 0 && labels[i] !== 1) throw new RangeError(`Labels are 0 or 1: number ${i} is ${labels[i]}.`);
  }
  const order = Uint32Array.from({ length }, (_, i) => i).sort((a, b) => scores[b]! - scores[a]!);
  const points: Point[] = [];
  let [all, positive] = [0, 0];
  order.forEach((sample, i) => {
    const weight = weights?.[sample] ?? 1;
    all += weight;
    positive += weight * labels[sample]!;
    const next = order[i + 1];
    if (next === undefined || scores[next] !== scores[sample]) points.push({ all, positive });
  });
  return points.filter((point, i) => point.all > (points[i - 1]?.all ?? 0));
}

/**
 * Average precision: precision at each threshold, weighted by the recall gained there, without interpolation. 0 without
 * a positive sample. As `sklearn.metrics.average_precision_score`.
 *
 * @param labels `[N]`, 0 or 1
 * @param scores `[N]`
 * @param weights `[N]`; 1 each by default
 */
export function averagePrecision(
  labels: ArrayLike<number>,
  scores: ArrayLike<number>,
  weights?: ArrayLike<number>,
): number {
  const points = thresholds(labels, scores, weights);
  const positives = points.at(-1)?.positive ?? 0;
  if (positives === 0) return 0;
  let sum = 0;
  let before = 0;
  for (const { all, positive } of points) {
    sum += ((positive - before) / positives) * (positive / all);
    before = positive;
  }
  return sum;
}

/**
 * Area under the ROC curve: the chance that a positive sample scores above a negative one, ties counting half. NaN where
 * all samples are of one class. As `sklearn.metrics.roc_auc_score`. Parameters as of {@link averagePrecision}.
 */
export function areaUnderRoc(
  labels: ArrayLike<number>,
  scores: ArrayLike<number>,
  weights?: ArrayLike<number>,
): number {
  let area = 0;
  let before: Point = { all: 0, positive: 0 };
  for (const point of thresholds(labels, scores, weights)) {
    const negatives = point.all - point.positive - (before.all - before.positive);
    area += (negatives * (point.positive + before.positive)) / 2;
    before = point;
  }
  const { all, positive } = before;
  return area / (positive * (all - positive));
}

/** `[x, y]` */
export type CurvePoint = readonly [x: number, y: number];

/**
 * Corners of precision (y) over recall (x), from recall 0 to 1: steps, so that the area under the straight lines between them
 * is the average precision. Empty without a positive sample. Parameters as of {@link averagePrecision}.
 */
export function precisionRecallCurve(
  labels: ArrayLike<number>,
  scores: ArrayLike<number>,
  weights?: ArrayLike<number>,
): CurvePoint[] {
  const points = thresholds(labels, scores, weights);
  const positives = points.at(-1)?.positive ?? 0;
  if (positives === 0) return [];
  return points.flatMap(({ all, positive }, i): CurvePoint[] => [
    [(points[i - 1]?.positive ?? 0) / positives, positive / all],
    [positive / positives, positive / all],
  ]);
}

/**
 * True positive rate (y) over false positive rate (x), from (0, 0) to (1, 1), to be joined by straight lines: the area under them is
 * {@link areaUnderRoc}. Empty where all samples are of one class.
 */
export function rocCurve(
  labels: ArrayLike<number>,
  scores: ArrayLike<number>,
  weights?: ArrayLike<number>,
): CurvePoint[] {
  const points = thresholds(labels, scores, weights);
  const { all, positive: positives } = points.at(-1) ?? { all: 0, positive: 0 };
  const negatives = all - positives;
  if (positives === 0 || negatives === 0) return [];
  const after = points.map((point): CurvePoint => [
    (point.all - point.positive) / negatives,
    point.positive / positives,
  ]);
  return [[0, 0], ...after];
}
