/**
 * Numbers that tell a representation that has collapsed: all inputs the same point, or points of few directions. All of
 * them look at directions alone, as losses of cosines do. Vectors are rows of `[rows, dim]`, divided by their lengths; a
 * vector of length 0 stays 0.
 */
import { singularValues } from './singular-values';

/** The lengths below this are divided by as if they were this, as in the losses. */
const LEAST_NORM = 1e-10;

function normalized(values: ArrayLike<number>, dim: number): Float64Array {
  if (!Number.isInteger(values.length / dim) || values.length === 0) {
    throw new RangeError(`${values.length} values are no vectors of ${dim}.`);
  }
  const unit = Float64Array.from(values);
  for (let row = 0; row < unit.length; row += dim) {
    let sum = 0;
    for (let c = row; c < row + dim; c++) sum += unit[c]! * unit[c]!;
    const norm = Math.max(Math.sqrt(sum), LEAST_NORM);
    for (let c = row; c < row + dim; c++) unit[c]! /= norm;
  }
  return unit;
}

/**
 * Standard deviation of each channel over the vectors, mean over channels: 0 where all vectors point one way, about
 * `1 / √dim` where they point anywhere.
 *
 * Source: X. Chen and K. He, Exploring simple Siamese representation learning, 2021, arXiv:2011.10566 (section 4.1).
 *
 * @param values `[rows, dim]`
 */
export function normalizedStd(values: ArrayLike<number>, dim: number): number {
  const unit = normalized(values, dim);
  const rows = unit.length / dim;
  let total = 0;
  for (let c = 0; c < dim; c++) {
    let mean = 0;
    for (let row = 0; row < rows; row++) mean += unit[row * dim + c]! / rows;
    let variance = 0;
    for (let row = 0; row < rows; row++) variance += (unit[row * dim + c]! - mean) ** 2 / rows;
    total += Math.sqrt(variance);
  }
  return total / dim;
}

/**
 * Number of directions that the vectors span, as a real number from 1 to `min(rows, dim)`: `exp` of the entropy of the
 * singular values, divided by their sum. The vectors are not centred: those of a collapsed representation span one
 * direction, while what rounding leaves of them after centring would span all. 0 where all vectors are 0.
 *
 * Source: O. Roy and M. Vetterli, The effective rank: a measure of effective dimensionality, 2007.
 *
 * @param values `[rows, dim]`
 */
export function effectiveRank(values: ArrayLike<number>, dim: number): number {
  const unit = normalized(values, dim);
  const singular = singularValues(unit, unit.length / dim, dim);
  const sum = singular.reduce((total, value) => total + value, 0);
  if (sum === 0) return 0;
  let entropy = 0;
  for (const value of singular) if (value !== 0) entropy -= (value / sum) * Math.log(value / sum);
  return Math.exp(entropy);
}

/**
 * Mean cosine of all pairs of different vectors of a group, then the mean over groups: 1 where the vectors of each group
 * point one way, about 0 where they point anywhere. NaN for groups of one vector.
 *
 * @param values `[groups, size, dim]`, e.g. the slots of each image
 */
export function meanPairwiseCosine(values: ArrayLike<number>, size: number, dim: number): number {
  const unit = normalized(values, dim);
  const groups = unit.length / (size * dim);
  if (!Number.isInteger(groups)) throw new RangeError(`${unit.length / dim} vectors are no groups of ${size}.`);
  let total = 0;
  for (let group = 0; group < groups; group++) {
    // the squared length of the sum holds every pair twice, and every vector with itself
    let [ofSum, ofEach] = [0, 0];
    for (let c = 0; c < dim; c++) {
      let sum = 0;
      for (let i = 0; i < size; i++) {
        const value = unit[(group * size + i) * dim + c]!;
        sum += value;
        ofEach += value * value;
      }
      ofSum += sum * sum;
    }
    total += (ofSum - ofEach) / (size * (size - 1));
  }
  return total / groups;
}
