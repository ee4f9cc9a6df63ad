import { loadConfigFile } from '../config/file';
import { AUTO, chooseEngine, ENGINES } from '../engine';
import { Registry, type OwnComponent } from '../registry';

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

/**
 * The registry of the working directory: the box's components, the plugins that the config file there enables, and
 * `extra` ones from the command line.
 */
export async function openRegistry(extra: readonly string[] = []): Promise<Registry> {
  const cwd = process.cwd();
  const file = await loadConfigFile(cwd);
  return Registry.open({
    plugins: file.plugins,
    from: file.from,
    extra,
    own: ENGINE_COMPONENTS,
    cwd,
  });
}
