/** The defaults of the schemas, as a layer under all that is written. */
import type { ComponentCatalog } from '../sdk/catalog';
import { type ComponentKey, componentKeysIn, sectionsOf } from './component-keys';
import { chosenName, mergeLayer } from './component-nodes';
import type { Origin } from './origin';
import { ROOT_DEFAULTS } from './root-defaults';
import { branch, type Branch, copy, find, isBranch, merge, place, type Tree, treeOf, valueOf } from './tree';
import { isMap, toValue, type Value } from './value';

const SCHEMA: Origin = { kind: 'default' };

/**
 * The defaults of the root schema and of the components that a config chooses.
 *
 * @param tree the config so far: the names of its components decide
 */
export async function defaultsOf(tree: Branch, catalog: ComponentCatalog): Promise<Branch> {
  const defaults = copy(ROOT_DEFAULTS);
  const whole = over(defaults, tree);
  for (const key of componentKeysIn(whole)) {
    for (const name of namesAt(find(whole, key.key), key)) {
      const node = key.list ? `${sectionsOf(key)}.${name}` : key.key;
      const options = branch({ kind: 'default', of: name });
      if (!key.list) options.children.set('name', { origin: SCHEMA, value: name });
      for (const [option, value] of Object.entries(await optionsOf(name, key, catalog))) {
        options.children.set(option, treeOf(value, options.origin));
      }
      const parent = find(defaults, node);
      if (isBranch(parent)) merge(options, parent);
      place(defaults, node, options);
    }
  }
  return defaults;
}

/** A config over its defaults. */
export function over(defaults: Branch, tree: Branch): Branch {
  const whole = copy(defaults);
  mergeLayer(whole, copy(tree));
  return whole;
}

/** The components that a node names: one, none, or those of a list. */
export function namesAt(node: Tree | undefined, key: ComponentKey): string[] {
  if (!key.list) {
    const name = chosenName(node);
    return typeof name === 'string' ? [name] : [];
  }
  const items = node === undefined || isBranch(node) ? [] : valueOf(node);
  const names = (Array.isArray(items) ? items : []).map((item) => (isMap(item) ? item['name'] : item));
  return names.filter((name) => typeof name === 'string');
}

/** Those options of a component that have a default; none where the component is not there, which is told elsewhere. */
async function optionsOf(name: string, key: ComponentKey, catalog: ComponentCatalog): Promise<Record<string, Value>> {
  const entry = catalog.lookup(key.kind, name);
  if (entry === undefined) return {};
  const options: Record<string, Value> = {};
  const manifest = await catalog.manifest(key.kind, entry.name).catch(() => undefined);
  for (const [option, schema] of Object.entries(manifest?.options.shape ?? {})) {
    const parsed = schema.safeParse(undefined);
    if (parsed.success && parsed.data !== undefined) options[option] = toValue(parsed.data, refuse);
  }
  return options;
}

function refuse(key: string): never {
  throw new Error(`The default of ${key} is no data.`);
}
