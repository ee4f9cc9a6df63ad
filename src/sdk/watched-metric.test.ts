import type { TrainingRun } from './contracts/callback';
import { UsageError } from './errors';
import { WatchedMetric } from './watched-metric';

const metrics: TrainingRun['metrics'] = {
  'l_global/val': { label: 'loss', better: 'lower' },
  'test/iou': { label: 'IoU', better: 'higher' },
  'test/chance': { label: 'Chance', better: null },
};
const run = (step = 0, evaluation: object | null = {}): TrainingRun =>
  ({ metrics, evaluation, position: { step, epoch: 0 } }) as unknown as TrainingRun;
const watch = (over: Partial<{ metric: string; mode: 'min' | 'max' | null; min_delta: number }> = {}): WatchedMetric =>
  new WatchedMetric('picky', { metric: 'test/iou', mode: null, min_delta: 0, ...over });
const tests = (watched: WatchedMetric, metric: string, values: readonly number[]): (boolean | undefined)[] =>
  values.map((value, step) => watched.atEvaluationEnd(run(step), { [metric]: value })?.isBetter);

test.each([
  ['higher, as the metric says', {}, [1, 3, 2, 3, 4], [true, true, false, false, true]],
  ['lower, as asked for', { mode: 'min' as const }, [3, 1, 2, 0.5], [true, true, false, true]],
  ['by more than a difference', { min_delta: 1 }, [1, 2, 2.5, 1], [true, false, true, false]],
  ['what is not finite is never better', {}, [NaN, 1, Infinity, 2], [false, true, false, true]],
])('values that are better: %s', (_, options, values, expected) => {
  const watched = watch(options);
  watched.start(run());
  expect(tests(watched, 'test/iou', values)).toEqual(expected);
});

test('a loss is read at the end of epochs, of the split that is named', () => {
  const watched = watch({ metric: 'l_global/val' });
  watched.start(run());
  const end = (step: number, val: Record<string, number>) =>
    watched.atEpochEnd(run(step), { epoch: 0, train: { l_global: 0 }, val, last: false });
  expect(end(1, { l_global: 2 })).toEqual({ value: 2, isBetter: true, before: null });
  expect(end(2, {})).toBeNull();
  expect(end(3, { l_global: 1 })).toEqual({ value: 1, isBetter: true, before: 2 });
});

test('a value counts once a step, also after a resume', () => {
  const watched = watch();
  watched.start(run());
  expect(watched.atEvaluationEnd(run(5), { 'test/iou': 1 })).not.toBeNull();
  expect(watched.atEvaluationEnd(run(5), { 'test/iou': 1 })).toBeNull();
  const resumed = watch();
  resumed.loadState(JSON.parse(JSON.stringify(watched.state())));
  resumed.start(run(5));
  expect(resumed.atEvaluationEnd(run(5), { 'test/iou': 1 })).toBeNull();
  expect(resumed.atEvaluationEnd(run(6), { 'test/iou': 1 })).toEqual({ value: 1, isBetter: false, before: 1 });
  expect(() => resumed.loadState({ best: 'good' })).toThrow();
});

test('a metric that the run does not have is told of before the first step, with those there are', () => {
  const starting = (): void => watch({ metric: 'test/io' }).start(run());
  expect(starting).toThrow(UsageError);
  expect(starting).toThrow(
    'This run has no metric test/io, which the callback picky goes by. Did you mean test/iou? ' +
      'There are: l_global/val, test/iou, test/chance.',
  );
  const untested = (): void => watch({ metric: 'test/other', mode: 'max' }).start(run(0, null));
  expect(untested).toThrow(UsageError);
});

test('one that no evaluator announced: told of after the first test, where it is not measured', () => {
  const watched = watch({ metric: 'mine/score', mode: 'max' });
  watched.start(run());
  expect(() => watched.atEvaluationEnd(run(), { 'mine/other': 1 })).toThrow(
    /no metric mine\/score.*There are: l_global\/val, test\/iou, test\/chance, mine\/other\./,
  );
  expect(tests(watched, 'mine/score', [1, 2])).toEqual([true, true]);
  expect(watched.atEvaluationEnd(run(9), { 'mine/other': 1 })).toBeNull();
});

test('one that does not say which values are better needs the mode', () => {
  const watched = watch({ metric: 'test/chance' });
  expect(() => watched.start(run())).toThrow(/does not know which values of test\/chance are better/);
  watch({ metric: 'test/chance', mode: 'max' }).start(run());
});

test('one that was announced and never measured is told of at the end, once', () => {
  const watched = watch();
  watched.start(run());
  const end = { epoch: 0, train: {}, val: {}, last: true };
  expect(watched.missing({ ...end, last: false })).toBeNull();
  expect(watched.missing(end)).toBe(
    'The metric test/iou was never measured in this run: the callback picky had nothing to go by.',
  );
  expect(watched.missing(end)).toBeNull();
});
