import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { EpochRecord } from './checkpoint-state';
import { evaluationCourses, lossCourses, readLogEnds, summariseCourse } from './run-metrics';

let run: string;
beforeEach(() => {
  run = mkdtempSync(join(tmpdir(), 'osc-metrics-'));
  mkdirSync(join(run, 'evaluations'));
});

const describe = (better: 'higher' | 'lower' | null) => ({ label: 'x', better });

test('first, last, and the best in its direction', () => {
  const course = [[1, 0.5], [2, NaN], [3, 0.9], [4, 0.9], [5, 0.1]] as const; // prettier-ignore
  expect(summariseCourse(course, describe('higher'), 'loss')).toMatchObject({
    first: 0.5,
    last: 0.1,
    best: { value: 0.9, epochs: 3 },
  });
  expect(summariseCourse(course, describe('lower'), 'loss').best).toEqual({ value: 0.1, epochs: 5 });
  expect(summariseCourse(course, describe(null), 'loss').best).toBeNull();
  expect(summariseCourse([[1, NaN]], describe('lower'), 'loss')).toMatchObject({ first: NaN, best: null });
});

test('losses by split', () => {
  const history: EpochRecord[] = [
    { epoch: 0, train: { l: 3 }, val: {} },
    { epoch: 1, train: { l: 2 }, val: { l: 4 } },
  ];
  expect(Object.fromEntries(lossCourses(history))).toEqual({ 'l/train': [[1, 3], [2, 2]], 'l/val': [[2, 4]] }); // prettier-ignore
});

const evaluation = (metrics: object, more: object = {}) => ({
  evaluator: 'e',
  options: {},
  data: { name: 'd' },
  metrics,
  ...more,
});
const write = (file: string, content: unknown): void => {
  writeFileSync(join(run, 'evaluations', file), typeof content === 'string' ? content : JSON.stringify(content));
};
const courses = (steps: number | null, all: boolean) =>
  Object.fromEntries(Array.from(evaluationCourses(run, steps, all), ([name, { course }]) => [name, course]));

test('tests in the order of their epochs, those of the ends alone where that will do', () => {
  for (const epoch of [1, 2, 10]) {
    write(`epoch-${String(epoch).padStart(4, '0')}.json`, {
      step: epoch,
      epoch: epoch - 1,
      evaluations: [evaluation({ a: epoch, b: null })],
    });
  }
  expect(courses(10, true)).toEqual({ a: [[1, 1], [2, 2], [10, 10]], b: [[1, NaN], [2, NaN], [10, NaN]] }); // prettier-ignore
  expect(courses(10, false)).toMatchObject({ a: [[1, 1], [10, 10]] }); // prettier-ignore
});

test('what osc evaluate measured of the same weights and images is added, and takes no place', () => {
  write('epoch-0001.json', { step: 5, epoch: 0, evaluations: [evaluation({ a: 1 })] });
  const report = (more: object, step = 5) => ({ step, epoch: 1, evaluations: [evaluation({ a: 7, c: 3 }, more)] });
  write('evaluate-2026-01-02T00-00-00Z.json', report({}));
  expect(courses(5, true)).toEqual({ a: [[1, 1]], c: [[2, 3]] }); // prettier-ignore
  write('evaluate-2026-01-02T00-00-00Z.json', report({ data: { name: 'other' } }));
  expect(courses(5, true)).toEqual({ a: [[1, 1]] }); // prettier-ignore
  write('evaluate-2026-01-02T00-00-00Z.json', report({ num_objects: 3 }));
  expect(courses(5, true)).toEqual({ a: [[1, 1]] }); // prettier-ignore
  write('evaluate-2026-01-02T00-00-00Z.json', report({}, 4));
  expect(courses(5, true)).toEqual({ a: [[1, 1]] }); // prettier-ignore
});

test('a damaged test is told with its name', () => {
  write('epoch-0001.json', '{"step": 1');
  expect(() => courses(1, true)).toThrow(/epoch-0001\.json cannot be read/);
  write('epoch-0001.json', { step: 1, epoch: 0, evaluations: [evaluation({ a: 'x' })] });
  expect(() => courses(1, true)).toThrow(/epoch-0001\.json is damaged/);
});

test('the ends of a long log, whose middle is not looked at', () => {
  const lines = Array.from({ length: 5000 }, (_, step) =>
    JSON.stringify({ step, epoch: Math.floor(step / 1000), lr: step }),
  );
  lines[2500] = 'broken';
  writeFileSync(join(run, 'metrics.jsonl'), `${lines.join('\n')}\n[1]\n{"step":5000,"epoch":5,"lr":nul`);
  const { values, last } = readLogEnds(run);
  expect(values.get('lr')).toEqual({ first: 0, last: 4999 });
  expect(last).toEqual({ step: 4999, epoch: 4 });
});
