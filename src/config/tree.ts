/** A config while it is put together: every value knows where it was written. */
import type { Origin } from './origin';
import { isMap, splitLast, type Value, type ValueMap } from './value';

export interface Leaf {
  readonly origin: Origin;
  /** Anything but a map; lists are one value, replaced as a whole. */
  readonly value: Value;
  /** A number that was written as a fraction, though it may be whole: in text it stays `1.0`. */
  readonly float?: true;
}

export interface Branch {
  readonly origin: Origin;
  readonly children: Map<string, Tree>;
}

export type Tree = Leaf | Branch;

export function isBranch(tree: Tree | undefined): tree is Branch {
  return tree !== undefined && 'children' in tree;
}

export function branch(origin: Origin, entries: Iterable<readonly [string, Tree]> = []): Branch {
  return { origin, children: new Map(entries) };
}

/** A tree of a plain value, all of one origin. */
export function treeOf(value: Value, origin: Origin): Tree {
  if (!isMap(value)) return { origin, value };
  return branch(
    origin,
    Object.entries(value).map(([key, item]) => [key, treeOf(item, origin)] as const),
  );
}

export function valueOf(tree: Branch): ValueMap;
export function valueOf(tree: Tree): Value;
export function valueOf(tree: Tree): Value {
  if (!isBranch(tree)) return tree.value;
  // not by assignment: a key named __proto__ must stay a key
  return Object.fromEntries(Array.from(tree.children, ([key, child]) => [key, valueOf(child)]));
}

export function splitKey(key: string): string[] {
  return key === '' ? [] : key.split('.');
}

/** The node at a dotted key. */
export function find(tree: Tree, key: string): Tree | undefined {
  let node: Tree | undefined = tree;
  for (const name of splitKey(key)) node = isBranch(node) ? node.children.get(name) : undefined;
  return node;
}

/** The origin of the deepest node on the way to `key`. */
export function originOf(tree: Tree, key: string): Origin {
  let node = tree;
  for (const name of splitKey(key)) {
    const child = isBranch(node) ? node.children.get(name) : undefined;
    if (!child) break;
    node = child;
  }
  return node.origin;
}

/** In Hydra's configs: must be given. */
export const MISSING = '???';

/** Merges `source` over `target`, in place: maps key by key, all else replaced; {@link MISSING} leaves what is there. */
export function merge(target: Branch, source: Branch): void {
  for (const [key, incoming] of source.children) {
    const existing = target.children.get(key);
    if (isBranch(incoming) && isBranch(existing)) merge(existing, incoming);
    else if (existing !== undefined && !isBranch(incoming) && incoming.value === MISSING) continue;
    else target.children.set(key, copy(incoming));
  }
}

export function copy(tree: Branch): Branch;
export function copy(tree: Tree): Tree;
export function copy(tree: Tree): Tree {
  if (!isBranch(tree)) return tree;
  return branch(
    tree.origin,
    Array.from(tree.children, ([key, child]) => [key, copy(child)] as const),
  );
}

/** `tree` wrapped in the maps of a dotted key. */
export function wrap(key: string, tree: Branch): Branch;
export function wrap(key: string, tree: Tree): Tree;
export function wrap(key: string, tree: Tree): Tree {
  return splitKey(key).reduceRight<Tree>((inner, name) => branch(tree.origin, [[name, inner]]), tree);
}

/**
 * Sets the node at a dotted key, in place, making maps on the way where there is nothing or null.
 *
 * @returns the key on the way that holds something else than a map, if there is one: nothing is set then
 */
export function place(tree: Branch, key: string, node: Tree): string | undefined {
  const { parent: above, name: last } = splitLast(key);
  let parent = tree;
  const names = splitKey(above);
  for (const [index, name] of names.entries()) {
    let child = parent.children.get(name);
    if (child !== undefined && !isBranch(child) && child.value !== null) return names.slice(0, index + 1).join('.');
    if (!isBranch(child)) {
      child = branch(node.origin);
      parent.children.set(name, child);
    }
    parent = child;
  }
  parent.children.set(last, node);
  return undefined;
}

/** Removes the node at a dotted key. @returns whether there was one */
export function remove(tree: Branch, key: string): boolean {
  const { parent, name } = splitLast(key);
  const map = find(tree, parent);
  return isBranch(map) && map.children.delete(name);
}

/** Every leaf with its dotted key; an empty map counts as a leaf. */
export function* leaves(tree: Tree, key = ''): Generator<readonly [string, Tree]> {
  if (!isBranch(tree) || tree.children.size === 0) {
    yield [key, tree];
    return;
  }
  for (const [name, child] of tree.children) yield* leaves(child, key === '' ? name : `${key}.${name}`);
}
