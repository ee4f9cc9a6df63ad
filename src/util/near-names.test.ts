import { didYouMean, nearNames } from './near-names';

const NAMES = ['learned', 'sample', 'kmeans_euclidean', 'kmeans_cosine', 'slot-attention', 'sim'];

test.each([
  ['lerned', ['learned']],
  ['kmeans', ['kmeans_cosine', 'kmeans_euclidean']], // cut short
  ['slot_attention', ['slot-attention']],
  ['Sample', ['sample']],
  ['smaple', ['sample']],
  ['xyz', []],
  ['', []],
])('%s', (name, near) => {
  expect(nearNames(name, NAMES)).toEqual(near);
});

test('says a name once', () => {
  expect(nearNames('sma', ['sim', 'sim'])).toEqual(['sim']);
});

test('the question that follows', () => {
  expect(didYouMean('kmeans', NAMES)).toBe('Did you mean kmeans_cosine or kmeans_euclidean?');
  expect(didYouMean('smaple', NAMES, (name) => `--${name}`)).toBe('Did you mean --sample?');
  expect(didYouMean('xyz', NAMES)).toBeUndefined();
});
