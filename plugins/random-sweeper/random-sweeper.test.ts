import { type SearchDimension, type SearchInterval, type SweptValue } from 'osc-trainer/sdk';
import { testComponent, testOptions } from 'osc-trainer/sdk/testing';
import { RandomSweeper } from './random-sweeper';

testComponent(RandomSweeper);
testComponent(RandomSweeper, { options: { num_jobs: 1, seed: 7 }, title: 'random-sweeper with one job' });

testOptions(RandomSweeper, {
  valid: [{}, { num_jobs: 10_000, seed: 0 }],
  invalid: [
    { options: { num_jobs: 0 }, message: /num_jobs/ },
    { options: { num_jobs: 10_001 }, message: /num_jobs/ },
    { options: { seed: -1 }, message: /seed/ },
  ],
});

const choice = (key: string, ...choices: SweptValue[]): SearchDimension => ({ key, choices, tags: [] });
const interval = (key: string, low: number, high: number, more: Partial<SearchInterval> = {}): SearchDimension => ({
  key,
  interval: { low, high, log: false, integer: false, ...more },
  tags: [],
});
const jobs = (space: readonly SearchDimension[], num_jobs: number, seed = 0): SweptValue[][] =>
  new RandomSweeper({ num_jobs, seed }).propose(space, []);
/** The share of the numbers below `bound`. */
const below = (numbers: readonly SweptValue[], bound: number): number =>
  numbers.filter((value) => Number(value) < bound).length / numbers.length;

test('an interval is drawn from evenly', () => {
  const numbers = jobs([interval('x', -1, 3)], 4000).flat();
  expect(below(numbers, -1)).toBe(0);
  expect(below(numbers, 3)).toBe(1);
  expect(below(numbers, 0)).toBeCloseTo(0.25, 1);
  expect(below(numbers, 2)).toBeCloseTo(0.75, 1);
});

test('an interval tagged log is drawn from evenly in the logarithm', () => {
  const numbers = jobs([interval('lr', 1e-4, 1e-2, { log: true })], 4000).flat();
  expect(below(numbers, 1e-4)).toBe(0);
  expect(below(numbers, 1e-3)).toBeCloseTo(0.5, 1);
});

test('whole numbers, both ends among them', () => {
  for (const log of [false, true]) {
    const numbers = jobs([interval('n', 1, 4, { integer: true, log }), interval('x', 0, 1)], 2000).map(([n]) => n);
    expect([...new Set(numbers)].sort()).toEqual([1, 2, 3, 4]);
    // evenly a quarter; in the logarithm the part of [1, 2) of [1, 5)
    expect(below(numbers as number[], 2)).toBeCloseTo(log ? Math.log(2) / Math.log(5) : 0.25, 1);
  }
});

test('where there are few combinations, each is run once', () => {
  const space = [choice('a', 1, 2, 2), choice('b', 'x', 'y', 'x'), interval('n', 3, 4, { integer: true })];
  const all = jobs(space, 100);
  expect(all).toHaveLength(8);
  expect(new Set(all.map((values) => JSON.stringify(values))).size).toBe(8);
  expect(jobs(space, 5)).toHaveLength(5);
});

test('no two jobs are the same', () => {
  const hundred = choice('a', ...Array.from({ length: 100 }, (_, i) => i));
  const drawn = jobs([hundred, choice('b', 1, null, 'null', NaN)], 150);
  expect(new Set(drawn.map((values) => values.map(String).join())).size).toBeGreaterThan(130);
  expect(drawn).toHaveLength(150);
});

test('an interval with hardly a number in it ends', () => {
  const drawn = jobs([interval('x', 1, 1 + Number.EPSILON)], 5);
  expect(drawn.length).toBeLessThanOrEqual(2);
});

test('a further key leaves the draws of the others as they are; another seed does not', () => {
  const lr = interval('lr', 0, 1);
  const alone = jobs([lr], 10).flat();
  expect(jobs([choice('a', 1, 2), lr], 10).map(([, value]) => value)).toEqual(alone);
  expect(jobs([lr], 10, 1).flat()).not.toEqual(alone);
});
