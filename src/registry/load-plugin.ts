/** Loads a plugin's code and holds it against its manifest. */
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { manifestOf, type ComponentClass, type ComponentManifest } from '../sdk/component';
import { UsageError } from '../sdk/errors';
import { awaitForeign, noteForeignCode, patchedPrototypes } from '../util/foreign-code';
import { messageOf, stackOf } from '../util/thrown';
import { packageTypeOf, type ListedComponent, type PluginPackage } from './plugin-package';
import { useRunningCopies } from './resolution-hook';

/** A component class with the manifest it declares. */
export interface LoadedComponent {
  readonly componentClass: ComponentClass;
  readonly manifest: ComponentManifest;
}

/**
 * Loads the package's main module, CommonJS or ES.
 *
 * @returns its components, in the order of the manifest
 * @throws UsageError if it throws, or exports other components than its `package.json` lists
 */
export async function loadPlugin(plugin: PluginPackage, builtin: boolean): Promise<LoadedComponent[]> {
  useRunningCopies(!builtin);
  if (builtin) return checkManifest(plugin, componentsOf(await loadMain(plugin)));
  noteForeignCode({ kind: 'plugin', name: plugin.name, path: plugin.dir });
  let main: unknown;
  try {
    main = await awaitForeign(`the plugin ${plugin.name}, as it was loaded`, () => loadMain(plugin));
  } finally {
    refusePatches(plugin); // the cause of whatever it threw
  }
  return checkManifest(plugin, foreignComponentsOf(plugin, main));
}

/** @throws UsageError for what would change every loop over keys, in osc and in what it uses */
function refusePatches(plugin: PluginPackage): void {
  const patches = patchedPrototypes();
  if (patches.length === 0) return;
  throw new UsageError(
    `The plugin ${plugin.name} changes what all objects have: ${patches.join(', ')}.`,
    'Every loop over keys sees that, also in the libraries that osc is made of.',
    [`report this to the authors of ${plugin.name}`],
  );
}

/** @throws UsageError for what a module exports by a getter that throws */
function foreignComponentsOf(plugin: PluginPackage, main: unknown): LoadedComponent[] {
  try {
    return componentsOf(main);
  } catch (error) {
    throw new UsageError(
      `The plugin ${plugin.name} could not be loaded.`,
      `What ${plugin.main} exports threw ${describeThrown(error)}`,
      [],
      { cause: error },
    );
  }
}

async function loadMain(plugin: PluginPackage): Promise<unknown> {
  try {
    if (packageTypeOf(plugin.main, plugin.dir) === 'module') return await import(pathToFileURL(plugin.main).href);
    return createRequire(plugin.main)(plugin.main) as unknown;
  } catch (error) {
    const who = `The plugin ${plugin.name} could not be loaded.`;
    if (isNotFound(error) && !existsSync(plugin.main)) {
      throw new UsageError(
        who,
        `"oscPlugin.main" of ${plugin.manifestFile} names ${plugin.main}, which does not exist.`,
        ['build the plugin (often `npm run build` in its folder)', `npm install ${plugin.name}`],
        { cause: error },
      );
    }
    throw new UsageError(who, `${plugin.main} threw ${describeThrown(error)}`, [], { cause: error });
  }
}

function isNotFound(error: unknown): boolean {
  const code = (error as { code?: unknown } | null)?.code;
  return code === 'MODULE_NOT_FOUND' || code === 'ERR_MODULE_NOT_FOUND';
}

/** The message and the place it comes from, without the rest of the stack. */
function describeThrown(error: unknown): string {
  if (!(error instanceof Error)) return `${messageOf(error)}.`;
  const message = messageOf(error).split('\n')[0]!;
  const lines = stackOf(error).split('\n');
  // a syntax error's place is its first line; else the first frame outside of Node
  const place =
    lines.find((line) => /^\s+at /.test(line) && !line.includes('node:'))?.trim() ??
    lines.find((line) => /^(\/|file:|[A-Z]:\\).*:\d+$/.test(line));
  return `${error.name}: ${message}${place === undefined ? '' : ` (${place})`}`;
}

/** Every component class that a module exports, once. An ES module's and a CommonJS module's `default` count too. */
function componentsOf(loaded: unknown): LoadedComponent[] {
  const values = new Set<unknown>();
  const collect = (namespace: unknown): void => {
    values.add(namespace);
    if (typeof namespace === 'object' && namespace !== null)
      Object.values(namespace).forEach((value) => values.add(value));
  };
  collect(loaded);
  collect((loaded as { default?: unknown } | null)?.default);
  return [...values].flatMap((value) => {
    const manifest = manifestOf(value);
    return manifest === undefined ? [] : [{ componentClass: value as ComponentClass, manifest }];
  });
}

const title = ({ kind, name }: { kind: string; name: string }): string => `${kind} "${name}"`;

function checkManifest(plugin: PluginPackage, exported: LoadedComponent[]): LoadedComponent[] {
  const problems: string[] = [];
  const left = new Set(exported);
  const found = plugin.components.map((listed) => {
    const same = exported.filter(({ manifest }) => manifest.kind === listed.kind && manifest.name === listed.name);
    same.forEach((component) => left.delete(component));
    if (same.length > 1) {
      problems.push(
        `the classes ${same.map((one) => one.componentClass.name).join(' and ')} both are ${title(listed)}`,
      );
    }
    if (same[0] !== undefined) problems.push(...differences(listed, same[0].manifest));
    return { listed, component: same[0] };
  });
  for (const { listed, component } of found) {
    if (component !== undefined) continue;
    // one that agrees in name or in kind is likely the one meant
    const meant = [...left].find(({ manifest }) => manifest.name === listed.name || manifest.kind === listed.kind);
    if (meant !== undefined) left.delete(meant);
    problems.push(
      meant === undefined
        ? `${title(listed)} is listed but not exported`
        : `${title(listed)} is listed, but the class ${meant.componentClass.name} is ${title(meant.manifest)}`,
    );
  }
  for (const { componentClass, manifest } of left) {
    problems.push(`the class ${componentClass.name} is ${title(manifest)}, which is not listed`);
  }
  if (problems.length > 0) {
    throw new UsageError(
      `The plugin ${plugin.name} is not what its manifest says.`,
      `${plugin.manifestFile} and ${plugin.main} differ: ${problems.join('; ')}.`,
      ['make "oscPlugin.components" in the package.json agree with the exported classes'],
    );
  }
  return found.map(({ component }) => component!);
}

function differences(listed: ListedComponent, manifest: ComponentManifest): string[] {
  const problems: string[] = [];
  if (listed.summary !== manifest.summary) {
    problems.push(`${title(listed)} has the summary "${listed.summary}" in one and "${manifest.summary}" in the other`);
  }
  const [ours, theirs] = [listed.aliases, manifest.aliases ?? []].map((aliases) => [...aliases].sort().join(', '));
  if (ours !== theirs) problems.push(`${title(listed)} has the aliases [${ours}] in one and [${theirs}] in the other`);
  if (listed.key !== manifest.key) {
    const [here, there] = [listed.key, manifest.key].map((key) => (key === undefined ? 'none' : `"${key}"`));
    problems.push(`${title(listed)} has the key ${here} in one and ${there} in the other`);
  }
  if (typeof manifest.options?.safeParse !== 'function') {
    problems.push(`the class of ${title(listed)} has no zod schema as its options`);
  }
  return problems;
}
