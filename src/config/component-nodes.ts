/** Nodes of the config that name a component: a bare name or `{ name, ...options }`. */
import type { ComponentCatalog } from '../sdk/catalog';
import { type ComponentKey, componentKeysAbove, componentKeysIn } from './component-keys';
import type { Origin } from './origin';
import { ROOT_DEFAULTS } from './root-defaults';
import { branch, type Branch, find, isBranch, merge, MISSING, place, type Tree, valueOf } from './tree';
import { isMap, type Value } from './value';

/** The name that a node chooses; null where it chooses none; undefined where it does not say. */
export function chosenName(node: Tree | undefined): string | null | undefined {
  if (node === undefined) return undefined;
  const name = isBranch(node) ? node.children.get('name') : node;
  if (name === undefined || isBranch(name)) return undefined;
  return name.value === null || typeof name.value === 'string' ? name.value : undefined;
}

/**
 * Merges a layer over the config so far. Where the layer names another component than the one before, the options of
 * the one before go; keys of the parent stay.
 */
export function mergeLayer(target: Branch, layer: Branch): void {
  for (const key of componentKeysIn(layer)) {
    const incoming = find(layer, key.key);
    const name = chosenName(incoming);
    if (key.list || incoming === undefined || typeof name !== 'string' || name === MISSING) continue;
    if (name !== chosenName(find(target, key.key))) dropOptions(target, key);
    // a bare name beside keys of the parent: { name } merges, text would replace them
    if (!isBranch(incoming) && isBranch(find(target, key.key))) {
      place(layer, key.key, branch(incoming.origin, [['name', incoming]]));
    }
    nameToMap(target, key.key);
  }
  merge(target, layer);
}

/**
 * Chooses a component at a key. Of the node before stay what belongs to the parent and those options that the new
 * component has too and takes, so that one thing is changed and no other. In a list it takes the place of the node of its
 * name, or comes last.
 *
 * @returns the key on the way that holds no map, if there is one
 */
export async function selectComponent(
  tree: Branch,
  choice: { readonly key: ComponentKey; readonly name: string; readonly origin: Origin },
  catalog: ComponentCatalog,
): Promise<string | undefined> {
  const { key, name, origin } = choice;
  const node = find(tree, key.key);
  if (key.list) {
    const list = node ?? find(ROOT_DEFAULTS, key.key);
    const written = list && valueOf(list);
    const names = Array.isArray(written) ? written : [];
    const isIt = (item: Value): boolean => item === name || (isMap(item) && item['name'] === name);
    const value = names.some(isIt) ? names.map((item) => (isIt(item) ? name : item)) : [...names, name];
    return placeAt(tree, key.key, { origin, value });
  }
  const chosen: Tree = { origin, value: name };
  const kept = [...parentValues(node, key), ...(await optionsInCommon(node, key, name, catalog))];
  return placeAt(tree, key.key, kept.length === 0 ? chosen : branch(origin, [['name', chosen], ...kept]));
}

/** Sets a node, through bare names on the way. @returns the key on the way that holds no map, if there is one */
export function placeAt(tree: Branch, key: string, node: Tree): string | undefined {
  for (const above of componentKeysAbove(key)) nameToMap(tree, above);
  return place(tree, key, node);
}

/** Takes off what belongs to the component chosen so far. */
export function dropOptions(tree: Branch, key: ComponentKey): void {
  const node = find(tree, key.key);
  if (!isBranch(node)) return;
  const kept = parentValues(node, key);
  node.children.clear();
  for (const [name, value] of kept) node.children.set(name, value);
}

function parentValues(node: Tree | undefined, key: ComponentKey): (readonly [string, Tree])[] {
  if (!isBranch(node)) return [];
  return [...node.children].filter(([name]) => key.parentKeys.includes(name));
}

/** Options of a node that another component has too. Text with `${…}` may come to mean anything, and stays. */
async function optionsInCommon(
  node: Tree | undefined,
  key: ComponentKey,
  name: string,
  catalog: ComponentCatalog,
): Promise<(readonly [string, Tree])[]> {
  const entry = isBranch(node) ? catalog.lookup(key.kind, name) : undefined;
  if (!isBranch(node) || entry === undefined) return [];
  // a plugin that cannot be loaded is told where its options are checked
  const manifest = await catalog.manifest(key.kind, entry.name).catch(() => undefined);
  const shape = manifest?.options.shape ?? {};
  return [...node.children].filter(([option, child]) => {
    if (option === 'name' || key.parentKeys.includes(option) || !Object.hasOwn(shape, option)) return false;
    const value = valueOf(child);
    return JSON.stringify(value).includes('${') || shape[option]?.safeParse(value).success === true;
  });
}

/** `pos_embed: learned` to `pos_embed: { name: learned }`. */
function nameToMap(tree: Branch, key: string): void {
  const node = find(tree, key);
  if (node === undefined || isBranch(node) || typeof node.value !== 'string') return;
  place(tree, key, branch(node.origin, [['name', node]]));
}
