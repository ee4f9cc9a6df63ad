import type { Comparison } from '../jobs';
import { alignTable } from './aligned-table';
import { describeComparison } from './describe-comparison';
import { describePrune } from './describe-prune';
import { describeRuns } from './describe-runs';

const single = (mean: number) => ({ mean, deviation: null, n: 1 });
const row = (label: string, dim: number, ari: number): Comparison['rows'][number] => ({
  label,
  runs: [{ label, folder: `/${label}`, state: 'finished', epochs: 2 }],
  n: 1,
  settings: [dim],
  metrics: {
    'test/ari': { first: single(0.1), last: single(ari), best: null, bestEpochs: null },
    l: { first: single(2), last: single(1), best: single(1), bestEpochs: 2 },
  },
});
const comparison: Comparison = {
  grouped: false,
  columns: [{ key: 'model.embed_dim', label: 'embed_dim' }],
  metrics: [
    { name: 'test/ari', label: 'ARI', better: 'higher' },
    { name: 'l', label: 'l', better: 'lower' },
  ],
  rows: [row('000', 8, 0.5), row('001', 16, -0.25)],
  leftOut: 0,
  experiments: 2,
  broken: [],
  plot: null,
};

test('a row each, numbers below one another', () => {
  expect(describeComparison(comparison, ['first', 'last', 'best'], 120)).toBe(
    [
      'RUN  embed_dim  ARI ↑ first  ARI ↑ last  ARI ↑ best  l ↓ first  l ↓ last  l ↓ best',
      '000          8       0.1000      0.5000           -     2.0000    1.0000    1.0000',
      '001         16       0.1000     -0.2500           -     2.0000    1.0000    1.0000',
    ].join('\n'),
  );
});

test('what there is no room for is told, and so are seeds and rows left out', () => {
  const text = describeComparison({ ...comparison, experiments: 1, leftOut: 3 }, ['first', 'last'], 50);
  expect(text).toMatch(/^RUN {2}embed_dim {2}ARI ↑ first {2}ARI ↑ last\n/);
  expect(text).toContain('3 rows more: left out by --top.');
  expect(text.replace(/\s+/g, ' ')).toContain('--group-by shows 1 experiment, with mean and deviation.');
  expect(text).toContain('Not shown: 1 metric (l).');
});

test('groups say n, and what is not counted', () => {
  const [first] = comparison.rows;
  const runs = ['a', 'b', 'c', 'd'].map((label, i) => ({
    ...{ label, folder: label, epochs: 1 },
    state: i === 3 ? ('running' as const) : ('finished' as const),
  }));
  const text = describeComparison({ ...comparison, grouped: true, rows: [{ ...first!, runs, n: 3 }] }, ['last'], 120);
  expect(text).toMatch(/^RUNS +STATE +N +embed_dim/);
  expect(text).toMatch(/\na, b … \(4\) +3 finished, 1 running +3 +8 +0\.5000 \(n 1\)/);
  expect(text).toContain('1 run not finished and not counted: --unfinished counts them.');
});

test('a list of runs', () => {
  const run = {
    ...{ label: 'a', name: 'a', folder: '/a', problem: null, started: 'never', seconds: 1, epochs: 1, numEpochs: null },
    ...{ state: 'finished' as const, steps: 1, metrics: { m: 0.5 }, tags: ['good'], notes: ['two\nlines'] },
    differs: { 'model.embed_dim': 8, 'other.seed': 1 },
  };
  const failed = {
    ...run,
    state: 'failed' as const,
    metrics: {},
    tags: [],
    notes: [],
    problem: 'The disk is full.\nmore',
  };
  const metrics = [{ name: 'm', label: 'ARI', better: null }];
  const keys = [{ key: 'model.embed_dim', label: 'embed_dim' }];
  expect(describeRuns({ runs: [run, failed], metrics, keys, broken: [] }, 120).split('\n')).toEqual([
    'RUN  STATE     STARTED  EPOCHS     ARI  DIFFERS IN',
    'a    finished  -           1/?  0.5000  embed_dim=8, other.seed=1; tags: good; note: two lines',
    'a    failed    -           1/?       -  embed_dim=8, other.seed=1; failed: The disk is full.',
    '',
    '2 runs',
  ]);
});

test('what was freed', () => {
  const run = {
    ...{ label: 'a', folder: '/a', kept: ['/a/checkpoints/best'], remark: null, skipped: null },
    removed: [{ checkpoint: '/a/checkpoints/epoch-0001', bytes: 1_499_999 }],
  };
  const busy = { ...run, label: 'b', removed: [], skipped: 'It is being trained.' };
  const text = describePrune({
    runs: [run, busy],
    checkpoints: 1,
    bytes: 1_499_999,
    done: true,
    lookedAt: 2,
    broken: [],
  });
  expect(text).toBe(
    'RUN   FREES  REMOVED  KEPT\na    1.5 MB        1  best\n\nb: It is being trained.\nRemoved 1 checkpoint of 1 run: 1.5 MB.',
  );
});

test('cells of anybody stay on their line, and in their column', () => {
  const text = alignTable([{ header: 'A', cells: ['a\nb', 'x'.repeat(50)] }], { header: 'B', cells: ['1', '2'] });
  expect(text.split('\n').map((line) => line.length)).toEqual([43, 43, 43]);
});
