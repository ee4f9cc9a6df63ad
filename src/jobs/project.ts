/** What commands that work on a config share: reading the project's config file, its plugins, and composing. */
import type { ComposedConfig } from '../config';
import { type ConfigFile, loadConfigFile } from '../config/file';
import { splitPluginFlags } from '../config/plugin-flags';
import { Registry } from '../registry';
import type { ProjectInput } from './input';
import { ENGINE_COMPONENTS } from './open-registry';

export interface OpenedProject {
  readonly file: ConfigFile;
  readonly registry: Registry;
  /** Values of `--plugin` that choose components. */
  readonly selections: readonly string[];
}

export interface Project extends OpenedProject {
  readonly config: ComposedConfig;
}

/** Reads the config file and opens the registry; composes nothing. @throws UsageError */
export async function openRegistryOf({ cwd = process.cwd(), plugins = [] }: ProjectInput): Promise<OpenedProject> {
  const file = await loadConfigFile(cwd);
  const { packages, selections } = splitPluginFlags(plugins);
  const open = (extra: readonly string[]): Promise<Registry> =>
    Registry.open({ plugins: file.plugins, from: file.from, extra, own: ENGINE_COMPONENTS, cwd });
  const registry = await open(packages);
  // a package may have any name: one that is installed and no component's name is meant as a package
  const entries = registry.entries();
  const isPackage = (name: string): boolean =>
    entries.some(({ packageName }) => packageName === name) && !entries.some((entry) => entry.name === name);
  const more = selections.filter(isPackage);
  if (more.length === 0) return { file, registry, selections };
  return {
    file,
    registry: await open([...packages, ...more]),
    selections: selections.filter((name) => !more.includes(name)),
  };
}

/**
 * The config file, the registry and the composed config of a command. Makes no folder and loads no code but that of the
 * components the config chooses.
 *
 * @throws UsageError for all that is wrong in files, flags and overrides
 */
export async function openProject(input: ProjectInput): Promise<Project> {
  const opened = await openRegistryOf(input);
  const { compose } = await import('../config/index.js');
  const config = await compose({
    file: opened.file,
    catalog: opened.registry,
    plugins: opened.selections,
    overrides: input.overrides ?? [],
  });
  for (const note of config.notes) input.onNote?.(note);
  return { ...opened, config };
}
