import { code, escaped, publicText } from './markdown';
import { niceRange } from '../../visualization';
import { medianIndex, summarise } from './statistics';

test('mean and sample deviation', () => {
  expect(summarise([])).toBeNull();
  expect(summarise([3])).toEqual({ mean: 3, deviation: null, n: 1 });
  expect(summarise([2, 4, 4, 4, 5, 5, 7, 9])).toEqual({ mean: 5, deviation: Math.sqrt(32 / 7), n: 8 });
  expect(summarise([1, NaN])!.mean).toBeNaN();
});

test('the median, of two the lower one', () => {
  expect(medianIndex([0.9, 0.1, 0.5])).toBe(2);
  expect(medianIndex([0.9, 0.1])).toBe(1);
});

test.each([
  ['data.root=/home/me/data', 'data.root=data'],
  ['--plugin ~/plugins/mine', '--plugin mine'],
  ['The file /a/b/config.yaml is damaged.', 'The file config.yaml is damaged.'],
  ['C:\\Users\\me\\run', 'run'],
  ['model/obj_queries=sample ~losses.l_objects [4,4] 1/2', 'model/obj_queries=sample ~losses.l_objects [4,4] 1/2'],
  ['a\u001b[31m\nb', 'a [31m b'],
])('%j tells nothing of the machine', (text, told) => {
  expect(publicText(text)).toBe(told);
});

test('text of anybody is no Markdown', () => {
  expect(escaped('<img> | [a](b) *c*')).toBe('\\<img\\> \\| \\[a\\](b) \\*c\\*');
  expect(code('a`b|c')).toBe("`a'b\\|c`");
});

test.each<[number[], [number, number]]>([
  [
    [0.12, 0.47],
    [0.1, 0.5],
  ],
  [
    [2.1, 4.3],
    [2, 6],
  ],
  [
    [0.5, 0.5],
    [0.4, 1.2],
  ],
  [
    [-0.05, 0.3],
    [-0.1, 0.3],
  ],
])('an axis around %p has ends that are easy to read', (values, range) => {
  expect(niceRange(values)).toEqual(range);
});
