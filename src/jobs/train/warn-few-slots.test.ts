import type { Registry } from '../../registry';
import type { ModelParts } from '../../sdk';
import { warnOfFewSlots } from './warn-few-slots';

async function warnings(numSlots: number | null, dataset: { readonly maxObjects?: number }): Promise<string[]> {
  const told: string[] = [];
  const logger = { error() {}, warn: (text: string) => void told.push(text), info() {}, debug() {} };
  const registry = { create: () => Promise.resolve(dataset) } as unknown as Pick<Registry, 'create'>;
  const parts = { objQueries: numSlots === null ? null : { numObjects: numSlots } } as ModelParts;
  const data = { name: 'shapes', options: {} } as Parameters<typeof warnOfFewSlots>[1]['data'];
  await warnOfFewSlots({ parts }, { data }, registry, logger);
  return told;
}

test('fewer slots than objects and a background are warned of, with the number that is enough', async () => {
  const [warning, ...more] = await warnings(6, { maxObjects: 6 });
  expect(warning).toMatch(
    /^The model has 6 slots, and an image of shapes up to 6 objects.*model\.obj_queries\.num_objects=7\.$/,
  );
  expect(more).toEqual([]);
});

test.each([
  ['as many as are needed', 7, { maxObjects: 6 }],
  ['a data set that does not say', 1, {}],
  ['a model without slots', null, { maxObjects: 6 }],
])('%s: no warning', async (_, numSlots, dataset) => {
  expect(await warnings(numSlots, dataset)).toEqual([]);
});
