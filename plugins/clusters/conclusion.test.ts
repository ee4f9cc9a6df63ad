import { concludeFrom } from './conclusion';
import { metricName, TRAINED, UNTRAINED, type Row } from './rows';

const GRID: Row = { key: 'blind/grid', label: 'blind: grid of 2x3', baseline: true };
const COLOURS: Row = { key: 'blind/colours', label: 'blind: k-means of colours', baseline: true };
const BASELINES = [...Object.values(UNTRAINED), GRID, COLOURS];

const metrics = (...rows: (readonly [Row, number, number])[]): Record<string, number> =>
  Object.fromEntries(
    rows.flatMap(([row, ari, mbo]) => [
      [metricName(row, 'ari'), ari],
      [metricName(row, 'mbo'), mbo],
    ]),
  );

const [kmeans, linkage] = [TRAINED.kmeans, TRAINED.linkage];
const others = [
  [UNTRAINED.kmeans, 0.2, 0.3],
  [GRID, 0, 0.1],
  [COLOURS, 0.2, 0.4],
] as const;

test.each([
  ['no better than blind tiles', [[kmeans, 0.04, 0.14], ...others], 'these tokens do not tell objects apart.'],
  ['no better than untrained', [[kmeans, 0.25, 0.35], ...others], 'training has added nothing.'],
  ['no better than colours', [[kmeans, 0.21, 0.44], ...others], 'k-means of colours does as well or better.'],
  ['better by one score', [[kmeans, 0.1, 0.46], ...others], 'the tokens tell objects apart'],
] as const)('%s', (_, rows, verdict) => {
  expect(concludeFrom(metrics(...rows), BASELINES)).toContain(verdict);
});

test('the better algorithm, with the best of each score beside it', () => {
  const all = metrics([kmeans, 0.5, 0.4], [linkage, 0.7, 0.5], ...others);
  expect(concludeFrom(all, BASELINES)).toBe(
    'Tokens: ARI 0.70 and mBO 0.50 by average linkage of tokens against 0.20 and 0.30 untrained and 0.20 and 0.40 for the best blind baseline of each: the tokens tell objects apart, and not by their colours alone.',
  );
});

test('without baselines, and without objects', () => {
  expect(concludeFrom(metrics([kmeans, 0.5, 0.4]), [])).toBe(
    'Tokens: ARI 0.50 and mBO 0.40 by k-means of tokens. No baselines were measured to compare it with.',
  );
  expect(concludeFrom({}, BASELINES)).toBe('No image of the test split has an object to be found.');
});
