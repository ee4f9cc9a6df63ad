import { sinePositions } from './sine-positions';

test('sines, then cosines, of y, then of x', () => {
  const table = sinePositions([2, 4], 8, 'init')([8, 8]);
  expect(table).toHaveLength(64);
  // row 1, column 2: y = 0.5, x = 0.25; two frequencies an axis, from half a wave across to half a wave a cell
  const [y, x, low] = [0.5, 0.25, Math.PI / 2];
  const expected = [low, 2 * low].map((f) => Math.sin(y * f));
  expected.push(...[low, 2 * low].map((f) => Math.cos(y * f)));
  expected.push(...[low, 4 * low].map((f) => Math.sin(x * f)));
  expected.push(...[low, 4 * low].map((f) => Math.cos(x * f)));
  const row = table.subarray(6 * 8, 7 * 8);
  expected.forEach((value, i) => expect(row[i]).toBeCloseTo(value, 6));
});

test('every cell has a place of its own; neighbours are closer than cells far apart', () => {
  const table = sinePositions([6, 6], 64, 'init')([36, 64]);
  const cell = (i: number): Float32Array => table.subarray(64 * i, 64 * (i + 1));
  const distance = (a: number, b: number): number => Math.hypot(...cell(a).map((value, i) => value - cell(b)[i]!));
  for (let a = 0; a < 36; a++) for (let b = 0; b < a; b++) expect(distance(a, b)).toBeGreaterThan(1);
  expect(distance(0, 1)).toBeLessThan(distance(0, 5));
  expect(distance(0, 6)).toBeLessThan(distance(0, 30));
});

test('one frequency an axis is half a wave', () => {
  const table = sinePositions([1, 2], 4, 'init')([2, 4]);
  const wave = Math.SQRT1_2;
  expect(Array.from(table)).toEqual(
    [0, 1, -wave, wave, 0, 1, wave, wave].map((value) => expect.closeTo(value, 6) as number),
  );
});

test('a width that is not divisible by 4, and a table of another shape, are errors', () => {
  expect(() => sinePositions([2, 2], 66, 'pos_embed.init')).toThrow(
    expect.objectContaining({
      name: 'UsageError',
      message: expect.stringMatching(/divisible by 4, not 66 \(pos_embed.init\)/) as string,
    }),
  );
  expect(() => sinePositions([2, 2], 8, 'init')([2, 8])).toThrow(RangeError);
});
