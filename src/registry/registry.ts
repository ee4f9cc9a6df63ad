import type { ComponentCatalog, ComponentEntry } from '../sdk/catalog';
import type { ComponentClass, ComponentManifest } from '../sdk/component';
import { isReportedError, PluginError, UsageError } from '../sdk/errors';
import type { ComponentKind } from '../sdk/kinds';
import { didYouMean } from '../util/near-names';
import { messageOf } from '../util/thrown';
import { ownPackage } from '../util/own-package';
import { findBuiltins, findInstalled, resolvePlugin, type BrokenPlugin } from './discovery';
import type { LoadedComponent } from './load-plugin';
import type { PluginPackage } from './plugin-package';

/** What a registry is opened from; plain data, so that a worker thread can open the same. */
export interface RegistrySpec {
  /** Plugins to enable: names of packages, or paths. */
  readonly plugins: readonly string[];
  /** The file or folder that names them: paths start there, `node_modules` is searched from there upward. */
  readonly from: string;
}

/** A component that is a part of osc itself and comes from no plugin: an engine. */
export interface OwnComponent {
  readonly kind: ComponentKind;
  readonly name: string;
  readonly summary: string;
  readonly aliases?: readonly string[];
  manifest(): Promise<ComponentManifest>;
}

export interface RegistryOptions extends RegistrySpec {
  /** Plugins enabled on the command line (`--plugin`): their paths start at `cwd`. */
  readonly extra?: readonly string[];
  /** Components of osc itself, to be listed and looked up with the rest. */
  readonly own?: readonly OwnComponent[];
  /** Where installed but not enabled plugins are looked for, upward. Default: the working directory. */
  readonly cwd?: string;
}

/** An entry with where its code comes from: a package, or osc itself. */
interface Listing {
  readonly entry: ComponentEntry;
  readonly source: PluginPackage | OwnComponent;
}

export interface CreateOptions {
  /** The component's options, checked by its schema. */
  readonly options?: unknown;
  /** What else its constructor may ask for, by token; a value may be null. */
  readonly provide?: ReadonlyMap<symbol, unknown>;
}

/** All components there are, by kind and name. Opening and listing read `package.json` files only. */
export class Registry implements ComponentCatalog {
  readonly #enabled: readonly Listing[];
  readonly #byName: ReadonlyMap<string, Listing>;
  readonly #cwd: string;
  readonly #loading = new Map<PluginPackage, Promise<LoadedComponent[]>>();
  #installed: { entries: readonly ComponentEntry[]; broken: readonly BrokenPlugin[] } | undefined;

  private constructor(
    enabled: readonly Listing[],
    /** Opens the same registry elsewhere, but for {@link RegistryOptions.own}: paths in it are absolute. */
    readonly spec: RegistrySpec,
    cwd: string,
  ) {
    this.#enabled = enabled;
    this.#byName = indexByName(enabled);
    this.#cwd = cwd;
  }

  /**
   * @throws UsageError for a plugin that is not installed, a manifest that is wrong (not an apiVersion this osc speaks,
   *   a key missing …), and two components of one kind with one name
   */
  static async open({ plugins, from, extra = [], own = [], cwd = process.cwd() }: RegistryOptions): Promise<Registry> {
    const builtins = findBuiltins();
    const named = [
      ...plugins.map((plugin) => resolvePlugin(plugin, from)),
      ...extra.map((plugin) => resolvePlugin(plugin, cwd)),
    ];
    // by folder: a plugin named twice, or once by name and once by path, is one plugin
    const thirdParty = [...new Map(named.map((plugin) => [plugin.dir, plugin])).values()];
    const listings = [
      ...own.map((component) => ({ entry: ownEntry(component), source: component })),
      ...builtins.flatMap((plugin) => listingsOf(plugin, true, true)),
      ...thirdParty.flatMap((plugin) => listingsOf(plugin, false, true)),
    ];
    return new Registry(listings, { plugins: thirdParty.map(({ dir }) => dir), from: cwd }, cwd);
  }

  entries(kind?: ComponentKind): readonly ComponentEntry[] {
    const all = [...this.#enabled.map(({ entry }) => entry), ...this.#findInstalled().entries];
    return kind === undefined ? all : all.filter((entry) => entry.kind === kind);
  }

  /** Installed packages that look like plugins but are none that can be used. */
  brokenPlugins(): readonly BrokenPlugin[] {
    return this.#findInstalled().broken;
  }

  lookup(kind: ComponentKind, name: string): ComponentEntry | undefined {
    return this.#byName.get(key(kind, name))?.entry;
  }

  async manifest(kind: ComponentKind, name: string): Promise<ComponentManifest> {
    const listing = this.#find(kind, name);
    if ('manifest' in listing.source) return listing.source.manifest();
    return (await this.#load(listing.source, listing.entry)).manifest;
  }

  /** The class itself, for its statics. @throws as {@link manifest} */
  async componentClass(kind: ComponentKind, name: string): Promise<ComponentClass> {
    const { source, entry } = this.#find(kind, name);
    if ('manifest' in source) throw new Error(`The ${kind} "${name}" is a part of osc and has no component class.`);
    return (await this.#load(source, entry)).componentClass;
  }

  /**
   * Loads the component and makes an instance with these options, in a container of its own.
   *
   * @throws UsageError for an unknown name, wrong options, or a component that asks for what is not provided;
   *   PluginError for a constructor of a third party that throws anything else
   */
  async create<T>(kind: ComponentKind, name: string, { options = {}, provide }: CreateOptions = {}): Promise<T> {
    const componentClass = await this.componentClass(kind, name);
    const manifest = await this.manifest(kind, name);
    const [{ createComponent }, { parseOptions }] = await Promise.all([
      import('../sdk/create-component.js'),
      import('../sdk/options.js'),
    ]);
    const { builtin, packageName } = this.#find(kind, name).entry;
    const who = `The ${kind} "${name}"`;
    try {
      return createComponent<T>(componentClass, who, parseOptions(manifest, options), provide);
    } catch (error) {
      if (builtin || isReportedError(error)) throw error;
      throw new PluginError([packageName], `${who} of ${packageName} threw as it was made: ${causeOf(error)}`, error);
    }
  }

  #find(kind: ComponentKind, name: string): Listing {
    const listing = this.#byName.get(key(kind, name));
    if (listing !== undefined) return listing;
    const notEnabled = this.#findInstalled().entries.find(
      (entry) => entry.kind === kind && (entry.name === name || entry.aliases.includes(name)),
    );
    if (notEnabled !== undefined) {
      const { packageName } = notEnabled;
      throw new UsageError(
        `The ${kind} "${name}" is in the plugin ${packageName}, which is installed but not enabled.`,
        undefined,
        [`add '${packageName}' to "plugins" in osc.config.ts`, `--plugin ${packageName}`],
      );
    }
    const names = this.entries(kind).flatMap((entry) => [entry.name, ...entry.aliases]);
    throw new UsageError(
      `There is no ${kind} named "${name}".`,
      didYouMean(name, names, (near) => `"${near}"`),
      [`osc plugins list --kind ${kind}`],
    );
  }

  async #load(plugin: PluginPackage, entry: ComponentEntry): Promise<LoadedComponent> {
    let loading = this.#loading.get(plugin);
    if (loading === undefined) {
      // imported late: it brings the decorators' runtime and zod, which listing does without
      loading = import('./load-plugin.js').then(({ loadPlugin }) => loadPlugin(plugin, entry.builtin));
      this.#loading.set(plugin, loading);
    }
    const loaded = await loading;
    return loaded.find(({ manifest }) => manifest.kind === entry.kind && manifest.name === entry.name)!;
  }

  #findInstalled(): { entries: readonly ComponentEntry[]; broken: readonly BrokenPlugin[] } {
    if (this.#installed === undefined) {
      const enabled = new Set(this.#enabled.flatMap(({ source }) => ('dir' in source ? [source.dir] : [])));
      const { plugins, broken } = findInstalled(this.#cwd);
      const entries = plugins
        .filter(({ dir }) => !enabled.has(dir))
        .flatMap((plugin) => listingsOf(plugin, false, false).map(({ entry }) => entry));
      this.#installed = { entries, broken };
    }
    return this.#installed;
  }
}

/** tsyringe tells the cause in the last of its lines. */
function causeOf(error: unknown): string {
  return messageOf(error).split('\n').at(-1)!.trim();
}

function key(kind: ComponentKind, name: string): string {
  return `${kind}:${name}`;
}

function listingsOf(plugin: PluginPackage, builtin: boolean, enabled: boolean): Listing[] {
  return plugin.components.map((component) => ({
    entry: {
      ...component,
      packageName: plugin.name,
      packageVersion: plugin.version,
      manifestFile: plugin.manifestFile,
      builtin,
      enabled,
    },
    source: plugin,
  }));
}

function ownEntry({ kind, name, summary, aliases = [] }: OwnComponent): ComponentEntry {
  const { name: packageName, version: packageVersion, file: manifestFile } = ownPackage();
  return { kind, name, summary, aliases, packageName, packageVersion, manifestFile, builtin: true, enabled: true };
}

/** By kind and name or alias. @throws UsageError where two components claim one */
function indexByName(listings: readonly Listing[]): Map<string, Listing> {
  const index = new Map<string, Listing>();
  for (const listing of listings) {
    const { entry } = listing;
    for (const name of [entry.name, ...entry.aliases]) {
      const other = index.get(key(entry.kind, name));
      if (other !== undefined) throw nameConflict(name, other.entry, entry);
      index.set(key(entry.kind, name), listing);
    }
  }
  return index;
}

function nameConflict(name: string, first: ComponentEntry, second: ComponentEntry): UsageError {
  const claim = (entry: ComponentEntry): string =>
    `${entry.manifestFile} (${entry.packageName}${entry.name === name ? '' : `, as an alias of "${entry.name}"`})`;
  return new UsageError(
    `Two components of kind ${first.kind} are named "${name}".`,
    `One is listed in ${claim(first)}, the other in ${claim(second)}.`,
    first.builtin
      ? [`rename the one of ${second.packageName}, or take that package out of "plugins"`]
      : [`take ${first.packageName} or ${second.packageName} out of "plugins"`],
  );
}
