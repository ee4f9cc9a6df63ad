import type { Registry } from '../registry';
import type { Evaluator } from '../sdk';
import { descriptionsOf } from './descriptions';

const registry = { lookup: () => ({ packageName: 'osc-plugin-mine' }) } as unknown as Registry;
const evaluator = (metrics?: object) => ({ metrics, evaluate: () => Promise.resolve({}) }) as Evaluator;

test('descriptions are read; what a plugin adds to them is not kept', () => {
  const metrics = {
    'a/b': { label: 'B', better: 'higher', headline: true, score: 'mine' },
    'a/c': { label: 'C', better: null, table: { row: 'r', column: 'c' }, baseline: true },
  };
  expect(descriptionsOf(evaluator(metrics), 'mine', registry)).toEqual({
    'a/b': { label: 'B', better: 'higher', headline: true },
    'a/c': { label: 'C', better: null, table: { row: 'r', column: 'c' }, baseline: true },
  });
  expect(descriptionsOf(evaluator(), 'mine', registry)).toEqual({});
});

test('a wrong description is the plugin’s error', () => {
  const wrong = evaluator({ 'a/b': { label: 'B', better: 'max' } });
  expect(() => descriptionsOf(wrong, 'mine', registry)).toThrow('The evaluator mine describes its metrics wrongly.');
  try {
    descriptionsOf(wrong, 'mine', registry);
  } catch (error) {
    expect(error).toMatchObject({ name: 'PluginError', packageNames: ['osc-plugin-mine'] });
  }
});
