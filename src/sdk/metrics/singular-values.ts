/** Singular values without vectors, in float64 and the same on every machine: no library of the engine has a part in it. */

/** Halvings of an interval: as many as float64 has digits, and some. */
const MAX_HALVINGS = 80;

/**
 * Singular values of a matrix, the largest first: roots of the eigenvalues of the smaller one of its two Gram matrices.
 * Those below about `1e-8` of the largest are rounding of the products, and given as 0.
 *
 * @param values `[rows, columns]`
 * @returns `[min(rows, columns)]`; NaN throughout where a value is not finite
 */
export function singularValues(values: ArrayLike<number>, rows: number, columns: number): Float64Array {
  if (values.length !== rows * columns) {
    throw new RangeError(`${values.length} values are no matrix of ${rows} by ${columns}.`);
  }
  const size = Math.min(rows, columns);
  const eigenvalues = symmetricEigenvalues(gram(values, rows, columns), size).reverse();
  const least = Math.max(rows, columns) * Number.EPSILON * (eigenvalues[0] ?? 0);
  return eigenvalues.map((value) => (value <= least ? 0 : Math.sqrt(value)));
}

/** `XᵀX` or `XXᵀ`, whichever is smaller. */
function gram(values: ArrayLike<number>, rows: number, columns: number): Float64Array {
  const [size, length] = columns <= rows ? [columns, rows] : [rows, columns];
  const [alongSize, alongLength] = columns <= rows ? [1, columns] : [columns, 1];
  const products = new Float64Array(size * size);
  // one outer product after the other, so that memory is read in order where columns are fewer
  for (let k = 0; k < length; k++) {
    for (let i = 0; i < size; i++) {
      const left = values[i * alongSize + k * alongLength]!;
      for (let j = 0; j <= i; j++) products[i * size + j]! += left * values[j * alongSize + k * alongLength]!;
    }
  }
  for (let i = 0; i < size; i++) for (let j = 0; j < i; j++) products[j * size + i] = products[i * size + j]!;
  return products;
}

/**
 * Eigenvalues of a symmetric matrix, the smallest first.
 *
 * Source: A. S. Householder, Unitary triangularization of a nonsymmetric matrix, 1958; W. Barth, R. S. Martin and J. H.
 * Wilkinson, Calculation of the eigenvalues of a symmetric tridiagonal matrix by the method of bisection, 1967.
 *
 * @param matrix `[n, n]`
 */
export function symmetricEigenvalues(matrix: ArrayLike<number>, n: number): Float64Array {
  if (matrix.length !== n * n) throw new RangeError(`${matrix.length} values are no matrix of ${n} by ${n}.`);
  if (!Array.from(matrix).every(Number.isFinite)) return new Float64Array(n).fill(NaN);
  const { diagonal, squares, bound } = tridiagonal(Float64Array.from(matrix), n);
  return Float64Array.from({ length: n }, (_, k) => bisect(diagonal, squares, bound, k));
}

/** A tridiagonal matrix with the same eigenvalues, which lie within ± bound. */
interface Tridiagonal {
  readonly diagonal: Float64Array;
  /** Squares of the other diagonal: `squares[i]` stands between rows `i - 1` and `i`. */
  readonly squares: Float64Array;
  readonly bound: number;
}

/** By reflections, one for each column; overwrites `a`. */
function tridiagonal(a: Float64Array, n: number): Tridiagonal {
  const squares = new Float64Array(n);
  const v = new Float64Array(n);
  const p = new Float64Array(n);
  for (let k = 0; k + 1 < n; k++) {
    let norm = 0;
    for (let i = k + 1; i < n; i++) norm = Math.hypot(norm, (v[i] = a[i * n + k]!));
    squares[k + 1] = norm * norm;
    if (k + 2 === n || norm === 0) continue;
    v[k + 1]! += v[k + 1]! < 0 ? -norm : norm; // the sign that cancels nothing
    let length = 0;
    for (let i = k + 1; i < n; i++) length += v[i]! * v[i]!;
    reflect(a, n, k + 1, v, p, 2 / length);
  }
  const diagonal = Float64Array.from({ length: n }, (_, i) => a[i * n + i]!);
  let bound = 0; // Gershgorin
  for (let i = 0; i < n; i++) {
    bound = Math.max(bound, Math.abs(diagonal[i]!) + Math.sqrt(squares[i]!) + Math.sqrt(squares[i + 1] ?? 0));
  }
  return { diagonal, squares, bound };
}

/** `A = H A H` with `H = I - scale v vᵀ`, in the rows and columns from `first` on. */
function reflect(a: Float64Array, n: number, first: number, v: Float64Array, p: Float64Array, scale: number): void {
  let along = 0;
  for (let i = first; i < n; i++) {
    let sum = 0;
    for (let j = first; j < n; j++) sum += a[i * n + j]! * v[j]!;
    p[i] = scale * sum;
    along += p[i]! * v[i]!;
  }
  for (let i = first; i < n; i++) p[i]! -= (scale / 2) * along * v[i]!;
  for (let i = first; i < n; i++) {
    for (let j = first; j < n; j++) a[i * n + j]! -= v[i]! * p[j]! + p[i]! * v[j]!;
  }
}

/** The `k`-th smallest eigenvalue: below how many others a value lies is told by the signs of a recurrence. */
function bisect(diagonal: Float64Array, squares: Float64Array, bound: number, k: number): number {
  let [low, high] = [-bound, bound];
  for (let halving = 0; halving < MAX_HALVINGS; halving++) {
    const middle = low + (high - low) / 2;
    if (middle <= low || middle >= high) break;
    if (countBelow(diagonal, squares, bound, middle) > k) high = middle;
    else low = middle;
  }
  return low + (high - low) / 2;
}

function countBelow(diagonal: Float64Array, squares: Float64Array, bound: number, x: number): number {
  let count = 0;
  let pivot = 1;
  for (let i = 0; i < diagonal.length; i++) {
    pivot = diagonal[i]! - x - squares[i]! / pivot;
    if (pivot === 0) pivot = -Number.EPSILON * bound;
    if (pivot < 0) count++;
  }
  return count;
}
