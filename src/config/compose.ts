/**
 * Puts a config together. Later wins: defaults of schemas → groups (the user's folders over those of osc) → config file
 * → `--plugin` → overrides.
 */
import type { ComponentCatalog } from '../sdk/catalog';
import { componentKeysIn } from './component-keys';
import { chosenName, dropOptions, mergeLayer } from './component-nodes';
import { ComposedConfig } from './composed-config';
import { debugLayer } from './debug';
import { type ComposedGroups, composeGroups, packageOf } from './defaults-list';
import type { ConfigFile } from './file';
import { type Override, parseOverrides, printOverride, refuseTooMany } from './grammar';
import { GroupFolders } from './groups';
import { interpolate } from './interpolation';
import { applyOverrides, normaliseKey, refuseDoubles, renameAliases } from './apply-overrides';
import { refuseMissing } from './missing';
import { BUILTIN_CONFIGS, describeOrigin } from './origin';
import { applyPluginFlags, type PluginSelection, resolvePluginFlags } from './plugin-flags';
import { type Selection, selectionOfOverride, selectionsOfFile, translateHydra } from './selection';
import { refuseFlagAndGroup, refuseSweeps, splitOverrides } from './split-overrides';
import { branch, type Branch, copy, find, isBranch, merge, originOf, remove, valueOf } from './tree';
import { validateConfig } from './validate';

export interface ComposerInput {
  readonly file: ConfigFile;
  readonly catalog: ComponentCatalog;
  /** Values of `--plugin` that choose components: `NAME` or `KEY=NAME` (paths and packages split off before). */
  readonly plugins: readonly string[];
}

export interface ComposeInput extends ComposerInput {
  readonly overrides: readonly string[];
}

const PRIMARY = 'train';
/** Of what jobs have in common, far above what a sweep has; each is a few dozen kilobytes. */
const MAX_BASES = 200;
const MAX_PARSED = 20_000;

/** @throws UsageError for anything wrong in the files, flags and overrides, before any work starts */
export async function compose({ overrides, ...input }: ComposeInput): Promise<ComposedConfig> {
  return new Composer(input).compose(overrides);
}

/** What groups and config files come to, before flags and values of the command line. */
interface Base {
  readonly tree: Branch;
  readonly choices: Readonly<Record<string, string>>;
  readonly notes: readonly string[];
}

/** One file of a config, without the choices of groups that it makes. */
interface FileLayer {
  readonly selections: readonly Selection[];
  readonly values: Branch;
}

/** Composes the configs of several jobs: files are read once, and what the same groups come to is worked out once. */
export class Composer {
  readonly folders: GroupFolders;
  readonly #catalog: ComponentCatalog;
  readonly #flags: readonly PluginSelection[];
  readonly #layers: readonly FileLayer[];
  /** By the overrides that choose groups. */
  readonly #bases = new Map<string, Base>();
  readonly #parsed = new Map<string, readonly Override[]>();

  /** @throws UsageError for anything wrong in the files and flags */
  constructor({ file, catalog, plugins }: ComposerInput) {
    this.folders = groupFolders(file);
    this.#catalog = catalog;
    this.#flags = resolvePluginFlags(plugins, catalog);
    this.#layers = file.layers.map(({ defaults, values: written }, index) => ({
      selections: defaults === undefined ? [] : selectionsOfFile(defaults, index + 1),
      values: renameAliases(copy(written)),
    }));
  }

  /** @throws UsageError for anything wrong in the overrides, or in what they choose */
  async compose(overrides: readonly string[]): Promise<ComposedConfig> {
    const catalog = this.#catalog;
    const given = this.#parse(overrides);
    refuseSweeps(given);
    const notes: string[] = [];
    const parsed = refuseDoubles(given, (text) => notes.push(text));
    const { groups, values } = splitOverrides(parsed, this.folders, catalog);
    refuseFlagAndGroup(this.#flags, groups);
    const base = this.#base(groups);

    const finish = async (tree: Branch): Promise<Branch> => {
      await applyPluginFlags(tree, this.#flags, catalog);
      await applyOverrides(tree, values, catalog);
      refuseMissing(tree);
      await interpolate(tree, catalog);
      return tree;
    };
    let final = await finish(copy(base.tree));
    const debug = find(final, 'other.debug');
    if (debug !== undefined && valueOf(debug) === true) {
      const tree = copy(base.tree);
      mergeLayer(tree, await debugLayer(final, catalog));
      final = await finish(tree);
    }
    const validated = await validateConfig(valueOf(final), {
      catalog,
      groups: this.folders.groups,
      originOf: (key) => originOf(final, key),
    });
    return new ComposedConfig({
      validated,
      tree: final,
      choices: base.choices,
      overrides: parsed.map((override) => printOverride(override)),
      notes: [...notes, ...base.notes],
    });
  }

  /** Each text is read once: jobs have most of theirs in common. */
  #parse(texts: readonly string[]): readonly Override[] {
    refuseTooMany(texts);
    return texts.flatMap((text) => {
      const known = this.#parsed.get(text);
      if (known) return known;
      const parsed = parseOverrides([text]).map(translateHydra).map(normaliseKey);
      if (this.#parsed.size < MAX_PARSED) this.#parsed.set(text, parsed);
      return parsed;
    });
  }

  #base(groups: readonly Override[]): Base {
    const id = JSON.stringify(groups.map(({ text }) => text));
    const known = this.#bases.get(id);
    if (known) return known;
    const base = this.#composeBase(groups);
    if (this.#bases.size < MAX_BASES) this.#bases.set(id, base);
    return base;
  }

  #composeBase(groups: readonly Override[]): Base {
    const lastLayer = this.#layers.length + 1;
    const selections = [
      ...this.#layers.flatMap((layer) => layer.selections),
      ...groups.map((override) => selectionOfOverride(override, lastLayer)),
    ];
    const composed = composeGroups(this.folders, PRIMARY, selections);
    const tree = branch({ kind: 'default' });
    const mergeGroups = (layer: number): void => {
      for (const part of composed.contributions) if (part.layer === layer) mergeLayer(tree, copy(part.tree));
    };
    mergeGroups(0);
    const chosenByGroups = namesOf(composed.contributions.map((part) => part.tree));
    for (const [index, layer] of this.#layers.entries()) {
      mergeGroups(index + 1);
      const before = selections.filter((selection) => selection.layer <= index + 1);
      const then = namesOf(composeGroups(this.folders, PRIMARY, before).contributions.map((part) => part.tree));
      const later = selections.filter((selection) => selection.layer > index + 1);
      const values = copy(layer.values);
      dropStaleOptions(values, then, chosenByGroups, later);
      mergeLayer(tree, values);
    }
    mergeGroups(lastLayer);
    const notes: string[] = [];
    noteHydras(tree, composed, notes);
    return { tree, choices: composed.choices, notes };
  }
}

/** Takes out what configs of Hydra say of Hydra itself, with one note. */
function noteHydras(tree: Branch, { ignored }: ComposedGroups, notes: string[]): void {
  const section = tree.children.get('hydra');
  tree.children.delete('hydra');
  const groups = ignored.map(({ group, origin }) => `the group ${group} (${describeOrigin(origin)})`);
  const left = [...groups, ...(section ? [`the section hydra (${describeOrigin(section.origin)})`] : [])];
  if (left.length === 0) return;
  notes.push(
    `What is said of Hydra itself is left out: ${left.join(', ')}. ` +
      'The folder of a run is --run-dir, and jobs are started by launcher=NAME.',
  );
}

/** The groups that a config file gives access to: the user's folders over those of osc. */
export function groupFolders(file: ConfigFile): GroupFolders {
  return new GroupFolders([BUILTIN_CONFIGS, ...file.configDirs]);
}

/** The choices of groups that a config has where the command line makes none. */
export function defaultChoices(file: ConfigFile): Readonly<Record<string, string>> {
  const selections = file.layers.flatMap(({ defaults }, index) =>
    defaults === undefined ? [] : selectionsOfFile(defaults, index + 1),
  );
  return composeGroups(groupFolders(file), PRIMARY, selections).choices;
}

/** The component that some trees, merged, choose at each key. */
function namesOf(trees: readonly Branch[]): ReadonlyMap<string, string | null | undefined> {
  const merged = branch({ kind: 'default' });
  for (const tree of trees) merge(merged, copy(tree));
  return new Map(componentKeysIn(merged).map(({ key }) => [key, chosenName(find(merged, key))]));
}

/**
 * Options in a config file are for the component chosen there. Where a later choice takes another one they go, instead
 * of being errors; keys of the parent stay.
 */
function dropStaleOptions(
  layer: Branch,
  chosenThen: ReadonlyMap<string, string | null | undefined>,
  chosenNow: ReadonlyMap<string, string | null | undefined>,
  later: readonly Selection[],
): void {
  for (const component of componentKeysIn(layer)) {
    const node = find(layer, component.key);
    if (node === undefined || component.list) continue;
    const now = chosenNow.get(component.key);
    const own = chosenName(node);
    const chosenAgain = later.some(({ group }) => {
      const pkg = packageOf(group);
      return pkg === component.key || component.key.startsWith(`${pkg}.`);
    });
    const replaced = chosenAgain && now !== undefined && own !== undefined && own !== now;
    const stale = chosenThen.get(component.key) !== now || replaced;
    if (!stale) continue;
    if (isBranch(node)) dropOptions(layer, component);
    if (!isBranch(node) || now === null || node.children.size === 0) remove(layer, component.key);
  }
}
