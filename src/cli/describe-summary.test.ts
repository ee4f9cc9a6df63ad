import type { FirstLastMetric } from '../run';
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

const described = (evaluations: Readonly<Record<string, FirstLastMetric>>): string =>
  describeSummary(summary as never, evaluations, [], '/runs');

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
  expect(describeSummary(stopped as never, {}, [], '/runs')).toMatch(
    /^Trained 2 epochs, 8 steps in .*\nEnded early: l_global\/val got no better\.$/m,
  );
  expect(described({})).not.toContain('Ended early');
});

test('has no table of tests where there is nothing to show', () => {
  expect(described({ 'my/unknown': { first: 4, last: 4 } })).not.toContain('TEST');
});
