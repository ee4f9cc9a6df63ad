/** `--plugin`: a component to choose (`NAME`, `KEY=NAME`), or a package to load for this run (a path, a package name). */
import type { ComponentCatalog, ComponentEntry } from '../sdk/catalog';
import { UsageError } from '../sdk/errors';
import { COMPONENT_KINDS } from '../sdk/kinds';
import { didYouMean } from '../util/near-names';
import { COMPONENT_KEYS, type ComponentKey, componentKeyAt } from './component-keys';
import { selectComponent } from './component-nodes';
import type { Origin } from './origin';
import type { Branch } from './tree';
import { shownText } from './origin';

export interface PluginFlags {
  /** Paths and names of packages to load. */
  readonly packages: readonly string[];
  /** `NAME` and `KEY=NAME`. */
  readonly selections: readonly string[];
}

/** Tells packages from components by how they are written: `./x`, `a/b`, `@scope/x` and `osc-plugin-x` are packages. */
export function splitPluginFlags(values: readonly string[]): PluginFlags {
  const isPackage = (value: string): boolean =>
    !/^[\w.-]+(\/[\w.-]+)*=/.test(value) && (/[/\\]/.test(value) || /^(\.|~|osc-plugin-)/.test(value));
  return { packages: values.filter(isPackage), selections: values.filter((value) => !isPackage(value)) };
}

export interface PluginSelection {
  readonly key: ComponentKey;
  readonly name: string;
  readonly origin: Origin;
}

/** @throws UsageError for an unknown or not enabled name, one that several keys could take, two names for one key */
export function resolvePluginFlags(selections: readonly string[], catalog: ComponentCatalog): PluginSelection[] {
  const resolved = selections.map((text): PluginSelection => {
    const equals = text.indexOf('=');
    const origin: Origin = { kind: 'flag', text: `--plugin ${text}` };
    if (equals < 0) return { key: keyOf(text, catalog), name: text, origin };
    const name = text.slice(equals + 1);
    const key = keyNamed(text.slice(0, equals), text);
    if (!key.keywords.includes(name) && !catalog.lookup(key.kind, name)) {
      throw unknownComponent({ name, key, place: `the flag ${shownText(`--plugin ${text}`)}`, catalog });
    }
    return { key, name, origin };
  });
  for (const [index, { key, name }] of resolved.entries()) {
    const other = resolved.slice(0, index).find((before) => before.key.key === key.key);
    if (other && !key.list) {
      throw new UsageError(`The flags --plugin give ${key.key} two values: ${other.name} and ${name}.`);
    }
  }
  return resolved;
}

/** @throws UsageError where a part of the config is in the way */
export async function applyPluginFlags(
  tree: Branch,
  selections: readonly PluginSelection[],
  catalog: ComponentCatalog,
): Promise<void> {
  for (const selection of selections) {
    const obstacle = await selectComponent(tree, selection, catalog);
    if (obstacle !== undefined) throw new UsageError(`${selection.key.key} cannot be set: ${obstacle} holds no map.`);
  }
}

function keyOf(name: string, catalog: ComponentCatalog): ComponentKey {
  const entries = COMPONENT_KINDS.flatMap((kind) => catalog.lookup(kind, name) ?? []);
  const keys = entries.flatMap((entry) => keysFor(entry));
  const [first] = keys;
  if (first !== undefined && keys.length === 1) return first;
  if (keys.length === 0 && entries.length > 0) {
    throw new UsageError(
      `The flag "--plugin ${name}" does not say for which key of losses the loss ${name} is.`,
      'Its manifest names no key that it is for by default.',
      [`--plugin losses.KEY=${name}, e.g. losses.l_${name.toLowerCase().replace(/[^a-z0-9]+/g, '_')}=${name}`],
    );
  }
  if (keys.length === 0) throw unknownComponent({ name, place: `the flag "--plugin ${name}"`, catalog });
  throw new UsageError(
    `The flag "--plugin ${name}" could mean ${keys.length} keys of the config.`,
    `Say which: ${keys.map(({ key }) => `${key}=${name}`).join(', ')}.`,
    keys.map(({ key }) => `--plugin ${key}=${name}`),
  );
}

/** The keys that a component may go to by its name alone. */
function keysFor({ kind, key }: ComponentEntry): ComponentKey[] {
  if (kind !== 'loss') return COMPONENT_KEYS.filter((candidate) => candidate.kind === kind);
  const own = key === undefined ? undefined : componentKeyAt(`losses.${key}`);
  return own ? [own] : [];
}

function keyNamed(written: string, flag: string): ComponentKey {
  const dotted = written.replaceAll('/', '.').replace(/\.name$/, '');
  const key = componentKeyAt(dotted);
  if (key) return key;
  const keys = COMPONENT_KEYS.map((candidate) => candidate.key);
  throw new UsageError(
    `The flag "--plugin ${flag}" names the key ${written}, which chooses no component.`,
    didYouMean(dotted, keys) ?? `The keys are ${keys.join(', ')}.`,
    [`${written}=${flag.slice(flag.indexOf('=') + 1)} without --plugin, to set a value`],
  );
}

/** The error for a name that no enabled component has. */
export function unknownComponent(of: {
  name: string;
  key?: ComponentKey;
  place: string;
  catalog: ComponentCatalog;
}): UsageError {
  const { name, key, place, catalog } = of;
  const entries = catalog.entries(key?.kind);
  const what = key ? `There is no ${key.kind} component "${name}"` : `There is no component "${name}"`;
  const at = key ? ` for ${key.key}, chosen by ${place}` : `, chosen by ${place}`;
  const list = `osc plugins list${key ? ` --kind ${key.kind}` : ''}`;
  const disabled = entries.find((entry) => !entry.enabled && namesOf(entry).includes(name));
  if (disabled) {
    return new UsageError(
      `The component "${name}"${at}, is not enabled.`,
      `It comes with the package ${disabled.packageName} ${disabled.packageVersion}.`,
      [`--plugin ${disabled.packageName}`, `plugins: ['${disabled.packageName}'] in the config file`, list],
    );
  }
  const known = [...(key?.keywords ?? []), ...entries.filter(({ enabled }) => enabled).flatMap(namesOf)];
  const near = didYouMean(name, known);
  const orNull = key?.nullable === true ? ', and null for none' : '';
  const all = key && known.length > 0 ? `Known are ${known.join(', ')}${orNull}.` : undefined;
  return new UsageError(`${what}${at}.`, near ?? all, [list]);
}

function namesOf(entry: ComponentEntry): string[] {
  return [entry.name, ...entry.aliases];
}
