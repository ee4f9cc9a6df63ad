/** The collapse meter's numbers against NumPy and SciPy: make_collapse.py makes them. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { RandomSource } from 'osc-trainer/sdk';
import {
  effectiveRank,
  meanPairwiseCosine,
  normalizedStd,
  singularValues,
  symmetricEigenvalues,
} from 'osc-trainer/sdk/metrics';

interface Expected {
  representations: {
    name: string;
    shape: [number, number];
    groups: number;
    values: number[];
    std: number;
    effective_rank: number;
    similarity: number;
    singular: number[];
  }[];
  symmetric: { name: string; n: number; matrix: number[]; eigenvalues: number[] }[];
}

const { representations, symmetric } = JSON.parse(readFileSync(join(__dirname, 'collapse.json'), 'utf8')) as Expected;

const normals = (length: number): Float32Array => new RandomSource(3).stream('test').normals(length);

/** Differences relative to the largest wanted value. */
function expectClose(actual: ArrayLike<number>, wanted: readonly number[], tolerance: number): void {
  expect(actual).toHaveLength(wanted.length);
  const scale = Math.max(...wanted.map(Math.abs), Number.MIN_VALUE);
  wanted.forEach((value, i) => {
    expect(Math.abs(actual[i]! - value) / scale).toBeLessThan(tolerance);
  });
}

describe.each(representations)('$name', ({ shape: [rows, dim], groups, values, ...wanted }) => {
  test('standard deviation', () => {
    expect(normalizedStd(values, dim)).toBeCloseTo(wanted.std, 12);
  });

  test('singular values', () => {
    // roots of eigenvalues: half of the digits
    expectClose(singularValues(values, rows, dim), wanted.singular, 3e-8);
  });

  test('effective rank', () => {
    // singular values that are rounding, 1e-8 of the largest, count for NumPy
    expect(effectiveRank(values, dim)).toBeCloseTo(wanted.effective_rank, 5);
  });

  test('similarity', () => {
    expect(meanPairwiseCosine(values, rows / groups, dim)).toBeCloseTo(wanted.similarity, 12);
  });
});

test.each(symmetric)('eigenvalues: $name', ({ n, matrix, eigenvalues }) => {
  expectClose(symmetricEigenvalues(matrix, n), eigenvalues, 1e-14);
});

describe('a constant representation', () => {
  const vector = [...normals(16)];
  const values = Array.from({ length: 12 }, () => vector).flat();

  test('has no deviation, one direction, and equal slots', () => {
    expect(normalizedStd(values, 16)).toBeCloseTo(0, 12);
    expect(effectiveRank(values, 16)).toBeCloseTo(1, 6);
    expect(meanPairwiseCosine(values, 4, 16)).toBeCloseTo(1, 12);
  });

  test('also where float32 rounding makes vectors of it that differ in their last digits', () => {
    const rounded = values.map((value, i) => Math.fround(value * (1 + 6e-8 * ((i % 5) - 2))));
    expect(normalizedStd(rounded, 16)).toBeLessThan(1e-6);
    expect(effectiveRank(rounded, 16)).toBeLessThan(1.0001);
  });
});

test('vectors of length 0 have no direction', () => {
  const zeros = new Float32Array(12);
  expect([normalizedStd(zeros, 4), effectiveRank(zeros, 4), meanPairwiseCosine(zeros, 3, 4)]).toEqual([0, 0, 0]);
});

test('orthogonal vectors span as many directions as there are', () => {
  const basis = Array.from({ length: 25 }, (_, i) => (i % 6 === 0 ? 7 : 0));
  expect(effectiveRank(basis, 5)).toBeCloseTo(5, 12);
  expect(meanPairwiseCosine(basis, 5, 5)).toBeCloseTo(0, 12);
});

test('what is not finite gives NaN, and a slot has no pair alone', () => {
  const values = Float32Array.of(1, 2, 3, NaN);
  expect([normalizedStd(values, 2), effectiveRank(values, 2), meanPairwiseCosine(values, 2, 2)]).toEqual([
    NaN,
    NaN,
    NaN,
  ]);
  expect(meanPairwiseCosine([1, 2, 3, 4], 1, 2)).toBeNaN();
  expect(() => effectiveRank([1, 2, 3], 2)).toThrow(RangeError);
  expect(() => meanPairwiseCosine([1, 2, 3, 4], 4, 1)).not.toThrow();
  expect(() => meanPairwiseCosine([1, 2, 3, 4], 3, 1)).toThrow(RangeError);
});

test('a rotation of the channels, other lengths of vectors and another order change nothing', () => {
  const turn = (angle: number, values: readonly number[]): number[] => {
    const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
    return values.map((value, i) =>
      i % 2 === 0 ? cos * value - sin * values[i + 1]! : sin * values[i - 1]! + cos * value,
    );
  };
  fc.assert(
    fc.property(
      fc.double({ min: 0, max: 6, noNaN: true }),
      fc.double({ min: 0.1, max: 9, noNaN: true }),
      (angle, length) => {
        const values = [...normals(40)];
        const other = turn(angle, values).map((value) => value * length);
        expect(effectiveRank(other, 4)).toBeCloseTo(effectiveRank(values, 4), 6);
        expect(meanPairwiseCosine(other, 5, 4)).toBeCloseTo(meanPairwiseCosine(values, 5, 4), 10);
      },
    ),
    { numRuns: 20 },
  );
});
