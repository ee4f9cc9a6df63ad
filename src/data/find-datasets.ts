/** Which data sets can do something that not all of them can. */
import { UsageError } from '../sdk/errors';
import type { Registry } from '../registry';

/** What a data set may be able to do besides being read: the name of the method that does it. */
export type DatasetAbility = 'prepareFiles' | 'synthesize';

/** Names of the enabled data sets whose classes have that method. Loads the code of all enabled data sets. */
export async function datasetsThatCan(
  ability: DatasetAbility,
  registry: Pick<Registry, 'entries' | 'componentClass'>,
): Promise<string[]> {
  const enabled = registry.entries('dataset').filter((entry) => entry.enabled);
  const able = await Promise.all(
    enabled.map(async ({ name }) => {
      const { prototype } = (await registry.componentClass('dataset', name)) as { prototype: object };
      return ability in prototype;
    }),
  );
  return enabled.map(({ name }) => name).filter((_, i) => able[i]);
}

/**
 * The only data set that can do it, for commands where one need not be named.
 *
 * @param flag names the one that is meant, e.g. `--dataset`
 * @throws UsageError where there are several, or none
 */
export async function onlyDatasetThatCan(
  ability: DatasetAbility,
  registry: Pick<Registry, 'entries' | 'componentClass'>,
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
