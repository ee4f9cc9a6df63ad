import { countsText, metricHeading, numberText, summaryText, valueText } from './table-text';

test('numbers, small and large, and none', () => {
  expect([0.5, 1 / 3, -0.25, 0, 1e-3, 1.23456e-4, 1234567.8, NaN, Infinity].map(numberText)).toEqual([
    ...['0.5000', '0.3333', '-0.2500', '0.0000', '0.0010', '0.0001235', '1235000', 'nan', 'Infinity'],
  ]);
});

test('mean, deviation, and n where it is another', () => {
  expect(summaryText({ mean: 0.5, deviation: null, n: 1 }, 1)).toBe('0.5000');
  expect(summaryText({ mean: 0.5, deviation: 0.25, n: 2 }, 3)).toBe('0.5000 ± 0.2500 (n 2)');
  expect(summaryText(null, 3)).toBe('-');
});

test('values and words', () => {
  expect(['a', 1, null, true, [8, 'x', [1]], {}, undefined].map(valueText)).toEqual([
    ...['a', '1', 'null', 'true', '[8, x, [1]]', '{}', '-'],
  ]);
  expect(countsText(['a'])).toBe('a');
  expect(countsText(['a', 'b', 'a'])).toBe('2 a, 1 b');
  expect(metricHeading({ label: 'ARI', better: 'higher' }, 'last')).toBe('ARI ↑ last');
  expect(metricHeading({ label: 'lr', better: null }, 'first')).toBe('lr first');
});
