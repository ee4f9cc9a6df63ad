import type { Registry } from '../registry';
import { silentProgress, type Dataset, type DatasetVariation, type TestSplit } from '../sdk';
import { variantsOf } from './variants';

const logger = { error() {}, warn() {}, info() {}, debug() {} };
const VARIATION: DatasetVariation = {
  name: 'light',
  label: 'light',
  current: { name: '0', value: 0 },
  levels: [{ name: '1', value: 1, options: { light: 1 } }],
};

class Fixed {}
class Varied {
  variations() {
    return [VARIATION];
  }
}

function variants(dataset: Pick<Dataset, 'variations'>, size = 9) {
  const created: unknown[] = [];
  const prepared: unknown[] = [];
  const registry = {
    create: (_kind: string, name: string, { options }: { options: unknown }) => {
      created.push({ name, options });
      return Promise.resolve({
        prepare: () => Promise.resolve(prepared.push(options)),
        size: () => Promise.resolve(size),
      });
    },
    entries: () => ['fixed', 'varied'].map((name) => ({ name, enabled: true })),
    componentClass: (_kind: string, name: string) => Promise.resolve(name === 'fixed' ? Fixed : Varied),
  } as unknown as Registry;
  const node = { name: 'mine', options: { side: 8, light: 0 } };
  const asked: unknown[] = [];
  const splitOf = (of: unknown, count: number): TestSplit => {
    asked.push(of);
    return { samples: () => (async function* () {})(), numSamples: count };
  };
  const made = variantsOf({ dataset, node, registry, progress: silentProgress, logger }, splitOf);
  return { made, created, prepared, asked };
}

test('the variations are those of the data set, told how many samples will be read', async () => {
  const counts: number[] = [];
  const dataset = { variations: (count: number) => (counts.push(count), [VARIATION]) };
  expect(await variants(dataset).made.variations(200)).toEqual([VARIATION]);
  expect(counts).toEqual([200]);
});

test('a data set without any is an error that names those that have some', async () => {
  for (const dataset of [{}, { variations: () => [] }]) {
    await expect(variants(dataset).made.variations(5)).rejects.toMatchObject({
      name: 'UsageError',
      what: 'The data set mine cannot be varied: its samples are what they are.',
      why: 'Data sets that can be: varied.',
      hints: ['data=varied'],
    });
  }
});

test('options go over those of the data set, which is prepared; no more samples than there are', async () => {
  const { made, created, prepared, asked } = variants({}, 9);
  const options = { side: 8, light: 1 };
  expect((await made.open({ light: 1 }, 5)).numSamples).toBe(5);
  expect((await made.open({ light: 1 }, 50)).numSamples).toBe(9);
  expect(created[0]).toEqual({ name: 'mine', options });
  expect(prepared[0]).toEqual(options);
  expect(asked[0]).toEqual({ name: 'mine', options });
});
