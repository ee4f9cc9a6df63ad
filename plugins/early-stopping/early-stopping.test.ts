import type { TrainingRun } from 'osc-trainer/sdk';
import { EarlyStopping } from './early-stopping';

const logger = { error: jest.fn(), warn: jest.fn(), info: jest.fn(), debug: jest.fn() };
const reasons: string[] = [];
beforeEach(() => {
  reasons.length = 0;
  jest.clearAllMocks();
});

function runAt(step: number): TrainingRun {
  const run: Partial<TrainingRun> = {
    position: { step, epoch: step },
    metrics: { 'l_global/val': { label: 'loss', better: 'lower' } },
    evaluation: null,
    stop: (reason) => void reasons.push(reason),
  };
  return run as TrainingRun;
}

const make = (patience: number): EarlyStopping =>
  new EarlyStopping({ metric: 'l_global/val', mode: null, min_delta: 0, patience }, logger);

/** The epochs after which training was to end. */
function endsAfter(callback: EarlyStopping, values: readonly (number | null)[], first = 0): number[] {
  callback.onStart(runAt(first));
  return values.flatMap((value, i) => {
    const before = reasons.length;
    const val: Record<string, number> = value === null ? {} : { l_global: value };
    callback.onEpochEnd(runAt(first + i), { epoch: first + i, train: { l_global: 0 }, val, last: false });
    return reasons.length > before ? [first + i] : [];
  });
}

test('ends training after so many measurements without a better one, and says why', () => {
  expect(endsAfter(make(3), [5, 4, 4.5, 4, 3, 3.5, 4, 3.1])).toEqual([7]);
  expect(reasons).toEqual([
    'l_global/val was best at 3.0000 and no better in the last 3 measurements (early-stopping).',
  ]);
});

test('epochs without a measurement do not count', () => {
  expect(endsAfter(make(2), [5, null, 6, null, null, 7])).toEqual([5]);
});

test('a patience of one', () => {
  expect(endsAfter(make(1), [5, 6])).toEqual([1]);
  expect(reasons[0]).toMatch(/no better in the last measurement \(/);
});

test('counts on after a resume', () => {
  const before = make(3);
  expect(endsAfter(before, [5, 6, 7])).toEqual([]);
  const after = make(3);
  after.loadState(JSON.parse(JSON.stringify(before.state())) as ReturnType<EarlyStopping['state']>);
  expect(endsAfter(after, [8, 9], 3)).toEqual([3, 4]);
});
