import { formatTable, tableWidth } from './table';

test('columns are aligned and the last one is wrapped to the width', () => {
  const rows = [
    ['a', 'one two three four five six seven'],
    ['longer', 'short'],
  ];
  expect(formatTable(['NAME', 'SUMMARY'], rows, 30)).toBe(
    ['NAME    SUMMARY', 'a       one two three four', '        five six seven', 'longer  short'].join('\n'),
  );
});

test('a word longer than the column stands alone', () => {
  expect(formatTable(['N', 'S'], [['a', `x ${'y'.repeat(40)}`]], 30)).toBe(`N  S\na  x\n   ${'y'.repeat(40)}`);
});

test('between 80 and 120 columns', () => {
  expect([40, 100, 300, undefined].map((columns) => tableWidth(columns))).toEqual([80, 100, 120, 120]);
});
