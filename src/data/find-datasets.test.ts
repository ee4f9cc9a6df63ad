import type { ComponentClass } from '../sdk';
import type { ComponentEntry } from '../sdk/catalog';
import { datasetsThatCan, onlyDatasetThatCan, recordLayouts } from './find-datasets';

class Plain {}
class Generated {
  synthesize() {}
}
class Published {
  static readonly layouts = [{ fields: [{ name: 'image', type: 'uint8', shape: [1, 1, 3] }] }];

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

test('layouts are those of all data sets that declare some; those not enabled are not loaded', async () => {
  expect(await recordLayouts(registryOf({ Plain, Generated, Published }, ['other']))).toEqual(Published.layouts);
});

test('those that can are told', async () => {
  const registry = registryOf({ Plain, Generated, Published, Derived }, ['other']);
  expect(await datasetsThatCan('prepareFiles', registry)).toEqual(['Published', 'Derived']);
  expect(await datasetsThatCan('variations', registry)).toEqual([]);
});

test('one need not be named where its class is the only one with the method', async () => {
  const registry = registryOf({ Plain, Generated, Published }, ['other']);
  expect(await onlyDatasetThatCan('prepareFiles', registry, '--dataset')).toBe('Published');
  expect(await onlyDatasetThatCan('synthesize', registry, '--dataset')).toBe('Generated');
  expect(await onlyDatasetThatCan('prepareFiles', registryOf({ Plain, Derived }), '--dataset')).toBe('Derived');
  await expect(
    onlyDatasetThatCan('prepareFiles', registryOf({ Published, Derived }), '--dataset'),
  ).rejects.toMatchObject({ name: 'UsageError', hints: ['--dataset Published', '--dataset Derived'] });
  await expect(onlyDatasetThatCan('synthesize', registryOf({ Plain }), '--dataset')).rejects.toMatchObject({
    name: 'UsageError',
    hints: ['osc plugins list --kind dataset'],
  });
});
