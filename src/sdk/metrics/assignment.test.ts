import fc from 'fast-check';
import { linearSumAssignment } from './assignment';

/** The least total over all ways, by trying them. */
function bruteForce(costs: readonly number[], rows: number, cols: number): number {
  const visit = (row: number, used: ReadonlySet<number>, left: number): number => {
    if (left === 0) return 0;
    if (rows - row < left) return Infinity;
    let best = visit(row + 1, used, left); // this row stays alone
    for (let col = 0; col < cols; col++) {
      if (used.has(col)) continue;
      best = Math.min(best, costs[row * cols + col]! + visit(row + 1, new Set([...used, col]), left - 1));
    }
    return best;
  };
  return visit(0, new Set(), Math.min(rows, cols));
}

const matrices = fc.tuple(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 5 })).chain(([rows, cols]) =>
  fc.record({
    rows: fc.constant(rows),
    cols: fc.constant(cols),
    costs: fc.array(fc.oneof(fc.integer({ min: -4, max: 4 }), fc.double({ min: -10, max: 10, noNaN: true })), {
      minLength: rows * cols,
      maxLength: rows * cols,
    }),
  }),
);

describe('linearSumAssignment', () => {
  it('finds the least and the greatest sum of any matrix', () => {
    fc.assert(
      fc.property(matrices, fc.boolean(), ({ rows, cols, costs }, maximize) => {
        const result = linearSumAssignment(costs, rows, cols, { maximize });
        const size = Math.min(rows, cols);
        expect(result.rows).toHaveLength(size);
        expect([...result.rows]).toEqual([...new Set(result.rows)].sort((a, b) => a - b));
        expect(new Set(result.cols).size).toBe(size);
        const total = [...result.rows].reduce((sum, row, i) => sum + costs[row * cols + result.cols[i]!]!, 0);
        const sign = maximize ? -1 : 1;
        const best = bruteForce(
          costs.map((cost) => sign * cost),
          rows,
          cols,
        );
        expect(total).toBeCloseTo(sign * best, 9);
      }),
      { numRuns: 300 },
    );
  });

  it('leaves equal costs in order', () => {
    const { rows, cols } = linearSumAssignment(new Float32Array(16).fill(0.5), 4, 4, { maximize: true });
    expect([...rows]).toEqual([0, 1, 2, 3]);
    expect([...cols]).toEqual([0, 1, 2, 3]);
  });

  // of scipy.optimize.linear_sum_assignment
  it.each([
    [[3, 1, 0, 3, 3, 2], [2, 3], false, [0, 1], [2, 1]],
    [[0, 0, 0, 1, 1, 1, 1, 1, 0], [3, 3], true, [0, 1, 2], [0, 2, 1]],
    [[1, 1, 1, 1, 0, 0], [3, 2], false, [1, 2], [1, 0]],
  ])('takes of several best assignments of %j the one of SciPy', (costs, shape, maximize, rows, cols) => {
    const result = linearSumAssignment(costs, shape[0]!, shape[1]!, { maximize });
    expect([...result.rows]).toEqual(rows);
    expect([...result.cols]).toEqual(cols);
  });

  it('gives rows and columns of a tall matrix, rows ascending', () => {
    const { rows, cols } = linearSumAssignment([9, 8, 1, 9, 9, 2], 3, 2);
    expect([...rows]).toEqual([1, 2]);
    expect([...cols]).toEqual([0, 1]);
  });

  it('is empty for no rows', () => {
    expect(linearSumAssignment([], 0, 3).rows).toHaveLength(0);
  });

  it.each([NaN, Infinity, -Infinity])('names the place of %s', (bad) => {
    expect(() => linearSumAssignment([1, 2, 3, 4, 5, bad], 2, 3)).toThrow(`row 1, column 2 is ${bad}`);
  });

  it('refuses a wrong number of costs', () => {
    expect(() => linearSumAssignment([1, 2, 3], 2, 2)).toThrow('needs 4 costs, not 3');
  });
});
