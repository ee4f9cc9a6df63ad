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

test('a cell too long for a column does not widen it', () => {
  const long = 'n'.repeat(40);
  const rows = [
    [long, 'v1', 'one'],
    ['short', 'v2', 'two'],
  ];
  expect(formatTable(['NAME', 'V', 'S'], rows, 80)).toBe(
    ['NAME   V   S', long, '       v1  one', 'short  v2  two'].join('\n'),
  );
});

test('between 80 and 120 columns', () => {
  expect([40, 100, 300, undefined].map((columns) => tableWidth(columns))).toEqual([80, 100, 120, 120]);
});
