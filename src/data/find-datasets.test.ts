import type { ComponentClass } from '../sdk';
import type { ComponentEntry } from '../sdk/catalog';
import { datasetsThatCan, onlyDatasetThatCan } from './find-datasets';

class Plain {}
class Generated {
  synthesize() {}
}
class Published {
  prepareFiles() {}
}
class Derived extends Published {}

function registryOf(classes: Readonly<Record<string, ComponentClass>>, notEnabled: readonly string[] = []) {
  return {
    entries: () =>
      [...Object.keys(classes), ...notEnabled].map(
        (name) => ({ name, enabled: !notEnabled.includes(name) }) as ComponentEntry,
      ),
    componentClass: (_kind: string, name: string) => Promise.resolve(classes[name]!),
  };
}

test('data sets are found by what their classes can do; those not enabled are not loaded', async () => {
  const registry = registryOf({ Plain, Generated, Published, Derived }, ['other']);
  expect(await datasetsThatCan('prepareFiles', registry)).toEqual(['Published', 'Derived']);
  expect(await datasetsThatCan('synthesize', registry)).toEqual(['Generated']);
});

test('one need not be named where it is the only one', async () => {
  expect(await onlyDatasetThatCan('prepareFiles', registryOf({ Plain, Published }), '--dataset')).toBe('Published');
  await expect(
    onlyDatasetThatCan('prepareFiles', registryOf({ Published, Derived }), '--dataset'),
  ).rejects.toMatchObject({ name: 'UsageError', hints: ['--dataset Published', '--dataset Derived'] });
  await expect(onlyDatasetThatCan('synthesize', registryOf({ Plain }), '--dataset')).rejects.toMatchObject({
    name: 'UsageError',
    hints: ['osc plugins list --kind dataset'],
  });
});
