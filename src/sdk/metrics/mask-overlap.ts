/** Overlap of masks, and which predicted mask goes with which true one. Letters: T true masks, S predicted ones, P pixels. */
import { linearSumAssignment } from './assignment';

/** Keeps the overlap of two empty masks defined: it is 0. */
const LEAST_AREA = 1e-8;

export interface MaskMatches {
  /** `[T]`: the predicted mask of each true one; -1 where there are fewer predicted masks than true ones. */
  readonly indices: Int32Array;
  /** `[T]`: the score of each pair, 0 for a true mask without one. */
  readonly scores: Float64Array;
}

interface Overlaps {
  /** `[T, S]`: sums of the predicted values inside each true mask. */
  readonly inside: Float64Array;
  /** `[T]`, `[S]`: sums of each mask. */
  readonly truthSums: Float64Array;
  readonly predictedSums: Float64Array;
}

function overlaps(truth: ArrayLike<number>, numTruth: number, predicted: ArrayLike<number>, numPredicted: number) {
  const pixels = truth.length / numTruth;
  if (!Number.isInteger(pixels) || predicted.length !== pixels * numPredicted) {
    throw new RangeError(
      `${numTruth} true masks of ${truth.length} values and ${numPredicted} predicted ones of ${predicted.length} ` +
        'values do not have the same number of pixels.',
    );
  }
  const result: Overlaps = {
    inside: new Float64Array(numTruth * numPredicted),
    truthSums: new Float64Array(numTruth),
    predictedSums: new Float64Array(numPredicted),
  };
  for (let s = 0; s < numPredicted; s++) {
    for (let p = 0; p < pixels; p++) result.predictedSums[s]! += predicted[s * pixels + p]!;
  }
  const members = new Int32Array(pixels);
  for (let t = 0; t < numTruth; t++) {
    // true masks hardly overlap: walking through their pixels alone is T times faster
    let count = 0;
    for (let p = 0; p < pixels; p++) if (truth[t * pixels + p] !== 0) members[count++] = p;
    result.truthSums[t] = count;
    for (let s = 0; s < numPredicted; s++) {
      let sum = 0;
      for (let i = 0; i < count; i++) sum += predicted[s * pixels + members[i]!]!;
      result.inside[t * numPredicted + s] = sum;
    }
  }
  return result;
}

/**
 * Intersection over union of all pairs; 0 for two empty masks.
 *
 * @param truth `[T, P]`, 0 or 1
 * @param predicted `[S, P]`, 0 or 1
 * @returns `[T, S]`
 */
export function maskIou(
  truth: ArrayLike<number>,
  numTruth: number,
  predicted: ArrayLike<number>,
  numPredicted: number,
): Float64Array {
  const { inside, truthSums, predictedSums } = overlaps(truth, numTruth, predicted, numPredicted);
  return inside.map((intersection, i) => {
    const union = truthSums[Math.floor(i / numPredicted)]! + predictedSums[i % numPredicted]! - intersection;
    return intersection / Math.max(union, LEAST_AREA);
  });
}

/**
 * Dice score of all pairs, `2 Σ t p / (Σ t + Σ p)`, of true masks and soft ones; 0 for two empty masks.
 *
 * @param truth `[T, P]`, 0 or 1
 * @param predicted `[S, P]`, not negative
 * @returns `[T, S]`
 */
export function maskDice(
  truth: ArrayLike<number>,
  numTruth: number,
  predicted: ArrayLike<number>,
  numPredicted: number,
): Float64Array {
  const { inside, truthSums, predictedSums } = overlaps(truth, numTruth, predicted, numPredicted);
  return inside.map((sum, i) => {
    const areas = truthSums[Math.floor(i / numPredicted)]! + predictedSums[i % numPredicted]!;
    return (2 * sum) / Math.max(areas, LEAST_AREA);
  });
}

/**
 * One predicted mask for each true one, so that the scores have the greatest sum.
 *
 * @param scores `[T, S]`, as {@link maskIou} and {@link maskDice} give them
 */
export function matchMasks(scores: Float64Array, numTruth: number, numPredicted: number): MaskMatches {
  const { rows, cols } = linearSumAssignment(scores, numTruth, numPredicted, { maximize: true });
  const indices = new Int32Array(numTruth).fill(-1);
  const matched = new Float64Array(numTruth);
  rows.forEach((row, i) => {
    indices[row] = cols[i]!;
    matched[row] = scores[row * numPredicted + cols[i]!]!;
  });
  return { indices, scores: matched };
}
