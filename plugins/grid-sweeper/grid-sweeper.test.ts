import { MAX_SWEEP_JOBS, UsageError, type SearchDimension } from 'osc-trainer/sdk';
import { testComponent } from 'osc-trainer/sdk/testing';
import { GridSweeper } from './grid-sweeper';

testComponent(GridSweeper);

const dimension = (key: string, ...choices: (string | number)[]): SearchDimension => ({ key, choices, tags: [] });

test('the last choice varies fastest', () => {
  const space = [dimension('a', 1, 2), dimension('b', 'x'), dimension('c', 3, 4)];
  expect(new GridSweeper().propose(space, [])).toEqual([
    [1, 'x', 3],
    [1, 'x', 4],
    [2, 'x', 3],
    [2, 'x', 4],
  ]);
});

test('without choices there is one job', () => {
  expect(new GridSweeper().propose([], [])).toEqual([[]]);
});

test('an interval is refused, with the sweeper that can search it', () => {
  const interval = { low: 0, high: 1, log: false, integer: false };
  const check = (): void => new GridSweeper().check([dimension('a', 1), { key: 'lr', interval, tags: [] }]);
  expect(check).toThrow(/cannot search lr: an interval/);
  expect(check).toThrow(expect.objectContaining({ hints: expect.arrayContaining(['sweeper=random']) as unknown }));
});

test('as many jobs as are allowed, and no more', () => {
  const hundred = Array.from({ length: 100 }, (_, i) => i);
  const sweeper = new GridSweeper();
  const space = [dimension('a', ...hundred), dimension('b', 'x'), dimension('c', ...hundred)];
  sweeper.check(space);
  expect(sweeper.propose(space, [])).toHaveLength(MAX_SWEEP_JOBS);
  expect(() => sweeper.check([...space, dimension('d', 1, 2)])).toThrow(UsageError);
  expect(() => sweeper.check([...space, dimension('d', 1, 2)])).toThrow(
    /20000 jobs \(100 × 100 × 2\), and at most 10000/,
  );
});
