import { configFileSchema, groupFolders, resolvePluginFlags, type JsonSchema } from '../config';
import type { ProjectInput } from './input';
import { openRegistryOf } from './project';

/** @throws UsageError for a plugin that is neither a component nor a package */
export async function configSchema(input: Pick<ProjectInput, 'cwd' | 'plugins'>): Promise<JsonSchema> {
  const { file, registry, selections } = await openRegistryOf(input);
  resolvePluginFlags(selections, registry); // a name that is no package should be that of a component
  return configFileSchema(registry, groupFolders(file));
}
