import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  metricsOf,
  newestEvaluations,
  summariseEvaluations,
  writeEvaluationReport,
  writeEvaluations,
  type EvaluationRecord,
} from './evaluations';

let runDir: string;
beforeEach(() => {
  runDir = mkdtempSync(join(tmpdir(), 'osc-evaluations-'));
});
afterEach(() => {
  rmSync(runDir, { recursive: true });
});

const record = (evaluator: string, metrics: Record<string, number>): EvaluationRecord => ({
  evaluator,
  options: { attention: 'first' },
  data: { name: 'scenes', split: 'test', samples: 4 },
  metrics,
});

test('the metrics of all evaluators together', () => {
  expect(metricsOf([record('a', { 'test/a': 1 }), record('b', { 'test/b': 2, 'test/c': 3 })])).toEqual({
    'test/a': 1,
    'test/b': 2,
    'test/c': 3,
  });
});

test('first and last value of each metric, by step, whoever measured it', async () => {
  expect(await summariseEvaluations(runDir, 100)).toEqual({});
  await writeEvaluations(runDir, { epoch: 10, step: 30 }, [record('a', { 'test/a': 3 })]);
  await writeEvaluations(runDir, { epoch: 0, step: 3 }, [record('a', { 'test/a': 1 }), record('b', { 'test/b': 7 })]);
  await writeEvaluations(runDir, { epoch: 5, step: 18 }, [record('a', { 'test/a': 2 }), record('b', { 'test/b': 8 })]);
  expect(readdirSync(join(runDir, 'evaluations'))).toEqual(['epoch-0001.json', 'epoch-0006.json', 'epoch-0011.json']);
  expect(await summariseEvaluations(runDir, 30)).toEqual({
    'test/a': { first: 1, last: 3 },
    'test/b': { first: 7, last: 8 },
  });
  // a run that goes on from step 18 has not measured what an earlier process did later
  expect((await summariseEvaluations(runDir, 18))['test/a']).toEqual({ first: 1, last: 2 });
});

test('a metric that was measured only later has no first value', async () => {
  await writeEvaluations(runDir, { epoch: 0, step: 3 }, [record('a', { 'test/a': 1 })]);
  await writeEvaluations(runDir, { epoch: 4, step: 15 }, [record('a', { 'test/a': 2 }), record('b', { 'test/b': 8 })]);
  expect(await summariseEvaluations(runDir, 15)).toEqual({
    'test/a': { first: 1, last: 2 },
    'test/b': { first: null, last: 8 },
  });
});

test('what each evaluator measured last, of each set of weights', async () => {
  expect(await newestEvaluations(runDir, 100)).toEqual([]);
  const concluded = { ...record('a', { 'test/a': 2 }), conclusion: 'It is better.' };
  await writeEvaluations(runDir, { epoch: 0, step: 3 }, [record('a', { 'test/a': 1 }), record('b', { 'test/b': 7 })]);
  await writeEvaluations(runDir, { epoch: 4, step: 15 }, [concluded, { ...concluded, weights: 'ema' }]);
  const last = [concluded, record('b', { 'test/b': 7 }), { ...concluded, weights: 'ema' }];
  expect(await newestEvaluations(runDir, 15)).toEqual(last);
  expect((await newestEvaluations(runDir, 3))[0]).toEqual(record('a', { 'test/a': 1 }));
});

test('a metric comes with what its evaluator said of it last', async () => {
  const described = (label: string) => ({
    ...record('a', { 'test/a': 1, 'test/b': 2 }),
    descriptions: { 'test/a': { label, better: 'lower' as const } },
  });
  await writeEvaluations(runDir, { epoch: 0, step: 3 }, [described('Old')]);
  await writeEvaluations(runDir, { epoch: 4, step: 15 }, [described('New')]);
  expect(await summariseEvaluations(runDir, 15)).toEqual({
    'test/a': { first: 1, last: 1, description: { label: 'New', better: 'lower' } },
    'test/b': { first: 2, last: 2 },
  });
});

test('an epoch measured again replaces what was there; settings are kept beside the numbers', async () => {
  await writeEvaluations(runDir, { epoch: 4, step: 9 }, [record('a', { 'test/a': 1 })]);
  await writeEvaluations(runDir, { epoch: 4, step: 10 }, [record('a', { 'test/a': 2 })]);
  expect(JSON.parse(readFileSync(join(runDir, 'evaluations/epoch-0005.json'), 'utf8'))).toEqual({
    step: 10,
    epoch: 4,
    evaluations: [
      {
        evaluator: 'a',
        options: { attention: 'first' },
        data: { name: 'scenes', split: 'test', samples: 4 },
        metrics: { 'test/a': 2 },
      },
    ],
  });
});

test('NaN survives the file', async () => {
  await writeEvaluations(runDir, { epoch: 0, step: 1 }, [record('a', { 'test/a': NaN })]);
  expect(await summariseEvaluations(runDir, 1)).toEqual({ 'test/a': { first: NaN, last: NaN } });
});

test('a file that is no record is named', async () => {
  mkdirSync(join(runDir, 'evaluations'));
  writeFileSync(join(runDir, 'evaluations/epoch-0001.json'), '{"step": 1}');
  await expect(summariseEvaluations(runDir, 1)).rejects.toThrow(/epoch-0001\.json is not a record of evaluations/);
});

test('what is measured after training has a file for each call, and is no part of the summary of the run', async () => {
  const report = {
    checkpoint: '/run/checkpoints/x',
    weights: null,
    sha256: 'abc',
    step: 7,
    epoch: 1,
    overrides: ['data.test.max_samples=4'],
    seed: 1,
    engine: { name: 'cpu' },
    versions: { osc: '0' },
    evaluations: [{ ...record('a', { 'test/a': NaN }), num_objects: 7 }],
  };
  const now = new Date(Date.UTC(2026, 0, 2, 3, 4, 5));
  const files = [await writeEvaluationReport(runDir, report, now), await writeEvaluationReport(runDir, report, now)];
  expect(files).toEqual(
    ['', '-2'].map((suffix) => join(runDir, `evaluations/evaluate-2026-01-02T03-04-05Z${suffix}.json`)),
  );
  expect(JSON.parse(readFileSync(files[1]!, 'utf8'))).toEqual({
    ...report,
    evaluations: [{ ...report.evaluations[0], metrics: { 'test/a': null } }],
    time: '2026-01-02T03:04:05.000Z',
  });
  expect(await summariseEvaluations(runDir, 100)).toEqual({});
});
