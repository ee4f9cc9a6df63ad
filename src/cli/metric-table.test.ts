import type { EvaluationRecord } from '../jobs';
import { describeRecord } from './metric-table';

const description = (row: string, column: string) => ({
  label: column,
  better: 'higher' as const,
  table: { row, column },
});

const record: EvaluationRecord = {
  evaluator: 'mine',
  options: {},
  data: {},
  metrics: { a: 0.704, b: -0.001, c: 0.5, other: 7 },
  descriptions: {
    a: description('model', 'ARI'),
    b: description('blind: tiles', 'ARI'),
    c: description('model', 'found'),
    other: { label: 'other', better: null },
  },
  conclusion: 'Objects are found.',
};

test('rows and columns as they are described, a dash where there is no number, what it means below', () => {
  expect(describeRecord(record, 80)).toEqual([
    ['MINE           ARI  found', 'model         0.70   0.50', 'blind: tiles  0.00      -'].join('\n'),
    '',
    'Objects are found.',
    '',
  ]);
});

test('other weights are named; an evaluator without table and conclusion has no lines', () => {
  expect(describeRecord({ ...record, weights: 'ema' }, 80)[0]).toMatch(/^MINE, WEIGHTS OF EMA +ARI/);
  expect(describeRecord({ evaluator: 'mine', options: {}, data: {}, metrics: { a: 1 } }, 80)).toEqual([]);
});
