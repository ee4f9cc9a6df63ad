import type { SavedTensor } from '../sdk/safetensors';
import { checkWeights } from './check-weights';
import { withoutWrappers } from './state-dict';

const one: SavedTensor = { shape: [1], data: Float32Array.of(1) };
const named = (...names: string[]): Map<string, SavedTensor> => new Map(names.map((name) => [name, one]));

test.each([
  [['module.a', 'module.b.c'], 'module.', ['a', 'b.c']],
  [['module._orig_mod.a', 'module._orig_mod.b'], 'module._orig_mod.', ['a', 'b']],
  [['module.a', 'b'], '', ['module.a', 'b']],
  [['a'], '', ['a']],
  [[], '', []],
])('names %j: "%s" is taken off', (names, prefix, own) => {
  const result = withoutWrappers(named(...names));
  expect(result.prefix).toBe(prefix);
  expect([...result.weights.keys()]).toEqual(own);
});

test('however many names a file has, the message stays short', () => {
  const many = named(...Array.from({ length: 100_000 }, (_, i) => `${i}${'x'.repeat(500)}`));
  let message = '';
  try {
    checkWeights(new Map(), many, 'f');
  } catch (error) {
    message = `${(error as Error).message}`;
  }
  expect(message).toContain('and 99960 more');
  expect(message.length).toBeLessThan(12_000);
});
