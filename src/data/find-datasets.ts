/** What the code of the data sets says of them: which can do what not all can, and how their records look. */
import { UsageError, type ComponentClass, type DatasetClass } from '../sdk';
import type { RecordLayout } from '../sdk/data';
import type { Registry } from '../registry';

type DatasetClasses = Pick<Registry, 'entries' | 'componentClass'>;

/** What a data set may be able to do besides being read: the name of the method that does it. */
export type DatasetAbility = 'prepareFiles' | 'synthesize' | 'variations';

/** Layouts of the records of all enabled data sets. Loads their code. */
export async function recordLayouts(registry: DatasetClasses): Promise<readonly RecordLayout[]> {
  const datasets = await enabledDatasets(registry);
  return datasets.flatMap(({ datasetClass }) => (datasetClass as DatasetClass).layouts ?? []);
}

/**
 * The only enabled data set whose class has that method, for where one need not be named. Loads the code of all.
 *
 * @param flag names the one that is meant, e.g. `--dataset`
 * @throws UsageError where there are several, or none
 */
export async function onlyDatasetThatCan(
  ability: DatasetAbility,
  registry: DatasetClasses,
  flag: string,
): Promise<string> {
  const [first, ...others] = await datasetsThatCan(ability, registry);
  if (first === undefined) {
    throw new UsageError('No data set can do this.', undefined, ['osc plugins list --kind dataset']);
  }
  if (others.length === 0) return first;
  throw new UsageError(
    'Several data sets can do this, so the one that is meant has to be named.',
    undefined,
    [first, ...others].map((name) => `${flag} ${name}`),
  );
}

/** Names of the enabled data sets whose classes have that method. Loads the code of all. */
export async function datasetsThatCan(ability: DatasetAbility, registry: DatasetClasses): Promise<readonly string[]> {
  const datasets = await enabledDatasets(registry);
  return datasets.filter(({ datasetClass }) => ability in (datasetClass.prototype as object)).map(({ name }) => name);
}

interface EnabledDataset {
  readonly name: string;
  readonly datasetClass: ComponentClass & { readonly prototype: unknown };
}

function enabledDatasets(registry: DatasetClasses): Promise<EnabledDataset[]> {
  const enabled = registry.entries('dataset').filter((entry) => entry.enabled);
  return Promise.all(
    enabled.map(async ({ name }) => ({ name, datasetClass: await registry.componentClass('dataset', name) })),
  );
}
