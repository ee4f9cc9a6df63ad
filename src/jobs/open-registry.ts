import { loadConfigFile, type ConfigFile } from '../config/file';
import { AUTO, chooseEngine, ENGINES } from '../engine';
import { Registry, type OwnComponent } from '../registry';
import type { FolderInput } from './input';

/** Engines come from no plugin, but are listed and chosen like the rest; they have no options. */
export const ENGINE_COMPONENTS: readonly OwnComponent[] = [chooseEngine(AUTO), ...ENGINES].map(({ name, summary }) => ({
  kind: 'engine',
  name,
  summary,
  manifest: async () => {
    const { z } = await import('zod');
    return { kind: 'engine', name, summary, options: z.strictObject({}) };
  },
}));

export interface RegistryInput extends FolderInput {
  /** Packages (name or path) to enable besides those that the config file enables. */
  readonly plugins?: readonly string[] | undefined;
}

/** The registry of a folder: the box's components, and those of the plugins that its config file and the input enable. */
export async function openRegistry(input: RegistryInput): Promise<Registry> {
  return (await openRegistryAndFile(input)).registry;
}

/** The same, with the config file that was read. */
export async function openRegistryAndFile({
  cwd = process.cwd(),
  plugins = [],
}: RegistryInput): Promise<{ readonly file: ConfigFile; readonly registry: Registry }> {
  const file = await loadConfigFile(cwd);
  const options = { plugins: file.plugins, from: file.from, extra: plugins, own: ENGINE_COMPONENTS, cwd };
  return { file, registry: await Registry.open(options) };
}
