/**
 * Puts a config together. Later wins: defaults of schemas → groups (the user's folders over those of osc) → config file
 * → `--plugin` → overrides.
 */
import type { ComponentCatalog } from '../sdk/catalog';
import { UsageError } from '../sdk/errors';
import { COMPONENT_KEYS, componentKeyAt, componentKeysIn } from './component-keys';
import { chosenName, dropOptions, mergeLayer } from './component-nodes';
import { ComposedConfig } from './composed-config';
import { debugLayer } from './debug';
import { type ComposedGroups, composeGroups, packageOf } from './defaults-list';
import type { ConfigFile } from './file';
import { type Override, parseOverrides, printOverride } from './grammar';
import { GroupFolders } from './groups';
import { interpolate } from './interpolation';
import { applyOverrides, normaliseKey, refuseDoubles, renameAliases } from './apply-overrides';
import { refuseMissing } from './missing';
import { BUILTIN_CONFIGS, describeOrigin, type Origin, shownText } from './origin';
import { applyPluginFlags, type PluginSelection, resolvePluginFlags, unknownComponent } from './plugin-flags';
import { type Selection, selectionOfOverride, selectionsOfFile, translateHydra } from './selection';
import { rootSchema } from './schema';
import { schemaAt } from './schema-walk';
import { branch, type Branch, copy, find, isBranch, merge, originOf, remove, valueOf } from './tree';
import { isMap } from './value';
import { validateConfig } from './validate';

export interface ComposeInput {
  readonly file: ConfigFile;
  readonly catalog: ComponentCatalog;
  /** Values of `--plugin` that choose components: `NAME` or `KEY=NAME` (paths and packages split off before). */
  readonly plugins: readonly string[];
  readonly overrides: readonly string[];
}

const PRIMARY = 'train';
/** Short, in sweeps, for the seeds of a run. */
export const SEEDS = 'seeds';

/** @throws UsageError for anything wrong in the files, flags and overrides, before any work starts */
export async function compose({ file, catalog, plugins, overrides }: ComposeInput): Promise<ComposedConfig> {
  const folders = groupFolders(file);
  const given = parseOverrides(overrides).map(translateHydra).map(normaliseKey);
  refuseSweeps(given);
  const notes: string[] = [];
  const parsed = refuseDoubles(given, (text) => notes.push(text));
  const { groups, values } = splitOverrides(parsed, folders, catalog);
  const flags = resolvePluginFlags(plugins, catalog);
  refuseFlagAndGroup(flags, groups);

  const fileLayers = file.layers.map(({ defaults, values: written }, index) => ({
    selections: defaults === undefined ? [] : selectionsOfFile(defaults, index + 1),
    values: renameAliases(copy(written)),
  }));
  const lastLayer = fileLayers.length + 1;
  const selections = [
    ...fileLayers.flatMap((layer) => layer.selections),
    ...groups.map((override) => selectionOfOverride(override, lastLayer)),
  ];
  const composed = composeGroups(folders, PRIMARY, selections);
  const tree = branch({ kind: 'default' });
  const mergeGroups = (layer: number): void => {
    for (const part of composed.contributions) if (part.layer === layer) mergeLayer(tree, copy(part.tree));
  };
  mergeGroups(0);
  const chosenByGroups = namesOf(composed.contributions.map((part) => part.tree));
  for (const [index, layer] of fileLayers.entries()) {
    mergeGroups(index + 1);
    const before = selections.filter((selection) => selection.layer <= index + 1);
    const then = namesOf(composeGroups(folders, PRIMARY, before).contributions.map((part) => part.tree));
    const later = selections.filter((selection) => selection.layer > index + 1);
    dropStaleOptions(layer.values, then, chosenByGroups, later);
    mergeLayer(tree, layer.values);
  }
  mergeGroups(lastLayer);

  noteHydras(tree, composed, notes);
  const finish = async (base: Branch): Promise<Branch> => {
    await applyPluginFlags(base, flags, catalog);
    await applyOverrides(base, values, catalog);
    refuseMissing(base);
    await interpolate(base, catalog);
    return base;
  };
  let final = await finish(copy(tree));
  const debug = find(final, 'other.debug');
  if (debug !== undefined && valueOf(debug) === true) {
    mergeLayer(tree, await debugLayer(final, catalog));
    final = await finish(tree);
  }
  const validated = await validateConfig(valueOf(final), {
    catalog,
    groups: folders.groups,
    originOf: (key) => originOf(final, key),
  });
  return new ComposedConfig({
    validated,
    tree: final,
    choices: composed.choices,
    overrides: parsed.map(textOf),
    notes,
  });
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

function textOf(override: Override): string {
  return printOverride(override);
}

/** What several jobs are to try is no value. @throws UsageError */
export function refuseSweeps(overrides: readonly Override[]): void {
  const override = overrides.find(({ sweep, key }) => sweep !== undefined || key === SEEDS);
  if (!override) return;
  const { sweep, key, text } = override;
  const shown = `The override ${shownText(text)}`;
  const value = text.slice(text.indexOf('=') + 1);
  const multirun = `osc train --multirun ${text}`;
  if (sweep === undefined) {
    throw new UsageError(`${shown} gives the seeds of a sweep.`, 'A sweep is started with --multirun (-m).', [
      multirun,
      `other.seed=${value} data.train.seed=${value}, for one run`,
    ]);
  }
  const what = { choices: 'several values', interval: 'an interval', glob: 'a pattern' }[sweep.kind];
  throw new UsageError(
    `${shown} gives ${what} for ${key}.`,
    'That is a sweep, which is started with --multirun (-m).',
    [
      multirun,
      ...(sweep.kind === 'choices' ? [`${key}=[${value}] for a list`] : []),
      `quotes, '…', for text with a comma or parentheses`,
    ],
  );
}

/** Which overrides choose groups, and which set values. */
export function splitOverrides(
  overrides: readonly Override[],
  folders: GroupFolders,
  catalog: ComponentCatalog,
): { groups: Override[]; values: Override[] } {
  const groups: Override[] = [];
  const values: Override[] = [];
  for (const override of overrides) {
    const isGroup = folders.has(override.key) || override.key.includes('/') || override.package !== undefined;
    if (!isGroup || isMap(override.value)) values.push(override);
    else if (override.operation === 'force' && !override.key.includes('/') && isSection(override.key)) {
      values.push(override);
    } else {
      const component = withoutFile(override, folders, catalog);
      if (component) values.push(component);
      else groups.push(override);
    }
  }
  return { groups, values };
}

function isSection(key: string): boolean {
  return schemaAt(rootSchema, [key]) !== undefined && COMPONENT_KEYS.some((component) => component.key === key);
}

/** `model/obj_queries=NAME` for a component that has no file in the group (of a plugin, say) chooses it all the same. */
function withoutFile(override: Override, folders: GroupFolders, catalog: ComponentCatalog): Override | undefined {
  const { value, key, operation } = override;
  if (typeof value !== 'string' || operation === 'delete' || override.package !== undefined) return undefined;
  const component = componentKeyAt(packageOf(key));
  if (!component || component.list || folders.find(key, value) !== undefined) return undefined;
  const exists = component.keywords.includes(value) || catalog.lookup(component.kind, value);
  if (exists) return { ...override, key: component.key, operation: 'set' };
  const origin: Origin = { kind: 'override', text: override.text };
  if (!folders.has(key))
    throw unknownComponent({ name: value, key: component, place: describeOrigin(origin), catalog });
  const entries = catalog.entries(component.kind).filter(({ enabled }) => enabled);
  throw folders.missing(key, value, origin, [...entries.map(({ name }) => name), ...component.keywords]);
}

export function refuseFlagAndGroup(flags: readonly PluginSelection[], groups: readonly Override[]): void {
  for (const flag of flags) {
    const group = groups.find(
      (override) => packageOf(override.key) === flag.key.key && override.operation !== 'delete',
    );
    if (!group || flag.origin.kind !== 'flag') continue;
    throw new UsageError(
      `${flag.key.key} has two values: one by the flag ${shownText(flag.origin.text)}, one by the override ${shownText(group.text)}.`,
    );
  }
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
