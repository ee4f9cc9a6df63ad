import type { EvaluationRecord, FirstLastMetric } from '../run';
import { describeSummary } from './describe-summary';

const summary = {
  runDir: '/runs/one',
  status: 'finished',
  stopReason: null,
  epochs: 2,
  steps: 8,
  sessionSteps: 8,
  seconds: 3,
  imagesPerSecond: 20,
  losses: { l_global: { first: 3, last: 1 } },
  skippedRecords: 0,
  checkpoint: '/runs/one/checkpoints/0002',
} as const;

const described = (
  evaluations: Readonly<Record<string, FirstLastMetric>>,
  tests: readonly EvaluationRecord[] = [],
): string => describeSummary(summary as never, { evaluations, tests }, [], '/runs');

test('shows the metrics that evaluators call headlines, by their labels', () => {
  const text = described({
    'my/score': { first: null, last: 0.25, description: { label: 'My score', better: 'higher', headline: true } },
    'my/error': { first: 2, last: 1, description: { label: 'My error', better: 'lower', headline: true } },
    'my/other': { first: 3, last: 3, description: { label: 'My other', better: 'higher' } },
    'my/unknown': { first: 4, last: 4 },
  });
  expect(text).toMatch(/^My score +- +0\.2500$/m);
  expect(text).toMatch(/^My error \(lower is better\) +2\.0000 +1\.0000$/m);
  expect(text).not.toMatch(/other|unknown/);
});

test('says why a run ended before its last epoch', () => {
  const stopped = { ...summary, stopReason: 'l_global/val got no better.' };
  expect(describeSummary(stopped as never, { evaluations: {}, tests: [] }, [], '/runs')).toMatch(
    /^Trained 2 epochs, 8 steps in .*\nEnded early: l_global\/val got no better\.$/m,
  );
  expect(described({})).not.toContain('Ended early');
});

test('has no table of tests where there is nothing to show', () => {
  expect(described({ 'my/unknown': { first: 4, last: 4 } })).not.toContain('TEST');
});

test('shows the table of an evaluator as it was measured last, and what it concludes', () => {
  const cell = (row: string, column: string) => ({
    label: `${column}, ${row}`,
    better: 'higher' as const,
    table: { row, column },
  });
  const record: EvaluationRecord = {
    evaluator: 'segmentation',
    options: {},
    data: {},
    metrics: { 'test/ari': 0.694, 'test/found': 0.5, 'test/blind/ari': -0.01, 'test/sc': 0.3 },
    descriptions: {
      'test/ari': cell('attention', 'ARI'),
      'test/found': cell('attention', 'found'),
      'test/blind/ari': cell('blind: grid', 'ARI'),
      'test/blind/found': cell('blind: grid', 'found'), // described, and not measured
      'test/sc': { label: 'SC', better: 'higher' },
    },
    conclusion: 'The masks follow objects.',
  };
  const text = described({}, [
    record,
    { ...record, weights: 'ema' },
    { ...record, evaluator: 'vqa', descriptions: {} },
  ]);
  expect(text).toContain(
    [
      'SEGMENTATION    ARI  found',
      'attention      0.69   0.50',
      'blind: grid   -0.01      -',
      '',
      'The masks follow objects.',
      '',
      'SEGMENTATION, WEIGHTS OF EMA    ARI  found',
    ].join('\n'),
  );
  expect(text).not.toMatch(/VQA|SC/);
});

test('a table of eight columns fits 100 characters; a long conclusion is broken', () => {
  const columns = ['IoU', 'Dice', 'ARI', 'FG-ARI', 'mBO', 'mSC', 'mIoU', 'found'];
  const rows = ['untrained: attention, first', 'ceiling: truth at 16x16 tokens'];
  const names = rows.flatMap((row) => columns.map((column) => ({ row, column, name: `${row}/${column}` })));
  const text = described({}, [
    {
      evaluator: 'segmentation',
      options: {},
      data: {},
      metrics: Object.fromEntries(names.map(({ name }) => [name, 0.5])),
      descriptions: Object.fromEntries(names.map(({ name, ...table }) => [name, { label: name, better: null, table }])),
      conclusion: 'word '.repeat(60).trim(),
    },
  ]);
  expect(text).toMatch(/^ceiling: truth at 16x16 tokens( +0\.50){8}$/m);
  expect(Math.max(...text.split('\n').map((line) => line.length))).toBeLessThanOrEqual(100);
});
