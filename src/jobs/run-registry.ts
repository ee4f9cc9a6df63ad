/** The registry of a run that is there already. Its files may come from elsewhere, and name code. */
import { existsSync, realpathSync } from 'node:fs';
import { isAbsolute, resolve } from 'node:path';
import { loadConfigFile } from '../config';
import { Registry } from '../registry';
import { UsageError } from '../sdk/errors';
import { ENGINE_COMPONENTS } from './open-registry';

export interface RunRegistryOptions {
  /** Run directory, or folder of an imported checkpoint. */
  readonly run: string;
  /** Plugins that its `overrides.yaml` names: packages, by name or path. */
  readonly plugins: readonly string[];
  readonly cwd: string;
  /** Plugins that the user names now. */
  readonly packages?: readonly string[];
  /** The user says that code which only the run names may run. */
  readonly trustPlugins?: boolean | undefined;
}

/**
 * Enables the run's plugins, and those that are named now.
 *
 * @throws UsageError for a plugin of the run that neither this project's config file nor the user enables: nothing of it is
 *   loaded, as whoever made the run could have code of theirs run here
 */
export async function openRunRegistry(options: RunRegistryOptions): Promise<Registry> {
  const { plugins, cwd, packages = [], trustPlugins = false } = options;
  if (plugins.length > 0 && !trustPlugins) await requireEnabled(options);
  return Registry.open({ plugins, from: cwd, extra: packages, own: ENGINE_COMPONENTS, cwd });
}

async function requireEnabled({ run, plugins, cwd, packages = [] }: RunRegistryOptions): Promise<void> {
  const file = await loadConfigFile(cwd);
  const project = await Registry.open({ plugins: file.plugins, from: file.from, extra: packages, cwd });
  const names = project.entries().flatMap(({ enabled, packageName }) => (enabled ? [packageName] : []));
  const enabled = new Set([...names, ...project.spec.plugins.map(realPath)]);
  const isPath = (plugin: string): boolean => isAbsolute(plugin) || plugin.startsWith('.');
  const others = plugins.filter((plugin) => !enabled.has(isPath(plugin) ? realPath(resolve(cwd, plugin)) : plugin));
  if (others.length === 0) return;
  throw new UsageError(
    `The run ${run} names plugins that this project does not enable: ${others.join(', ')}.`,
    'A plugin is code, and a run may come from elsewhere. Nothing of it was loaded.',
    [
      `plugins: [${others.map((plugin) => JSON.stringify(plugin)).join(', ')}] in the config file`,
      '--trust-plugins    (runs the code that lies there, this once)',
    ],
  );
}

function realPath(path: string): string {
  return existsSync(path) ? realpathSync(path) : path;
}
