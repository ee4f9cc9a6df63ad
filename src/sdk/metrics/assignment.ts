/** Linear sum assignment: which row goes with which column, so that the sum of what they cost together is least. */

export interface Assignment {
  /** Assigned rows, ascending: `min(numRows, numCols)` of them. */
  readonly rows: Int32Array;
  /** `cols[i]` goes with `rows[i]`. */
  readonly cols: Int32Array;
}

/**
 * The assignment of rows to columns with the least (or, with `maximize`, the greatest) total, as
 * `scipy.optimize.linear_sum_assignment` gives it, of several best ones too. Shortest augmenting paths,
 * O(min(R, C)² · max(R, C)), in float64.
 *
 * @param costs `[R, C]` row-major
 * @throws RangeError when the number of costs does not fit the shape, or one of them is NaN or infinite
 *
 * Source: D. F. Crouse, On implementing 2D rectangular assignment algorithms, 2016; R. Jonker and A. Volgenant, A
 * shortest augmenting path algorithm for dense and sparse linear assignment problems, 1987.
 */
export function linearSumAssignment(
  costs: ArrayLike<number>,
  numRows: number,
  numCols: number,
  { maximize = false }: { maximize?: boolean } = {},
): Assignment {
  if (costs.length !== numRows * numCols) {
    throw new RangeError(
      `An assignment of ${numRows} rows to ${numCols} columns needs ${numRows * numCols} costs, not ${costs.length}.`,
    );
  }
  for (let i = 0; i < costs.length; i++) {
    if (!Number.isFinite(costs[i])) {
      const [row, col] = [Math.floor(i / numCols), i % numCols];
      throw new RangeError(`Costs of an assignment must be finite: row ${row}, column ${col} is ${costs[i]}.`);
    }
  }

  // the paths start at the shorter side
  const swapped = numRows > numCols;
  const [height, width] = swapped ? [numCols, numRows] : [numRows, numCols];
  const sign = maximize ? -1 : 1;
  const cost = new Float64Array(height * width);
  for (let i = 0; i < height; i++) {
    for (let j = 0; j < width; j++) cost[i * width + j] = sign * costs[swapped ? j * numCols + i : i * numCols + j]!;
  }

  const colOfRow = solve(cost, height, width);
  if (!swapped) return { rows: Int32Array.from({ length: height }, (_, i) => i), cols: colOfRow };
  const cols = Int32Array.from({ length: height }, (_, i) => i).sort((a, b) => colOfRow[a]! - colOfRow[b]!);
  return { rows: colOfRow.slice().sort(), cols };
}

/** The column of each row for the least sum; `height <= width`. */
function solve(cost: Float64Array, height: number, width: number): Int32Array {
  const colOfRow = new Int32Array(height).fill(-1);
  const rowOfCol = new Int32Array(width).fill(-1);
  // dual prices: cost[i, j] - rowPrice[i] - colPrice[j] >= 0, and 0 for assigned pairs
  const rowPrice = new Float64Array(height);
  const colPrice = new Float64Array(width);
  const distance = new Float64Array(width);
  const previousRow = new Int32Array(width);
  const done = new Uint8Array(width);
  // columns not done: of equally near ones the order decides, and SciPy's is from the last to the first, the last taking
  // the place of one that is done
  const remaining = new Int32Array(width);

  for (let start = 0; start < height; start++) {
    // Dijkstra over reduced costs from this row to the nearest free column
    distance.fill(Infinity);
    done.fill(0);
    for (let i = 0; i < width; i++) remaining[i] = width - 1 - i;
    let numRemaining = width;
    let row = start;
    let reached = 0;
    let end = -1;
    while (end < 0) {
      let nearest = -1;
      let place = -1;
      for (let i = 0; i < numRemaining; i++) {
        const col = remaining[i]!;
        const through = reached + cost[row * width + col]! - rowPrice[row]! - colPrice[col]!;
        if (through < distance[col]!) {
          distance[col] = through;
          previousRow[col] = row;
        }
        // among equals a free column ends the path at once
        if (
          nearest < 0 ||
          distance[col]! < distance[nearest]! ||
          (distance[col] === distance[nearest] && rowOfCol[col]! < 0)
        ) {
          nearest = col;
          place = i;
        }
      }
      reached = distance[nearest]!;
      done[nearest] = 1;
      remaining[place] = remaining[--numRemaining]!;
      if (rowOfCol[nearest]! < 0) end = nearest;
      else row = rowOfCol[nearest]!;
    }

    rowPrice[start]! += reached;
    for (let col = 0; col < width; col++) {
      if (done[col] === 0 || col === end) continue;
      rowPrice[rowOfCol[col]!]! += reached - distance[col]!;
      colPrice[col]! -= reached - distance[col]!;
    }

    // turn the path round: every column on it goes to the row it was reached from
    for (let col = end; ;) {
      const from = previousRow[col]!;
      const next = colOfRow[from]!;
      rowOfCol[col] = from;
      colOfRow[from] = col;
      if (from === start) break;
      col = next;
    }
  }
  return colOfRow;
}
