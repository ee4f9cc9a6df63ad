/** Which anchor an alias of YAML stands for, and how much all of it comes to: 500 bytes of aliases can mean 10^9 values. */
import { isAlias, isMap, isSeq, type Alias, type Node } from 'yaml';
import { shortenText } from '../util/text';

/** What each alias stands for. */
export type Targets = ReadonlyMap<Alias, Node>;

const MAX_DEPTH = 64;
const MAX_VALUES = 50_000;

/**
 * In the order of the text, where an anchor can be set again.
 *
 * @param fail is called for an alias without an anchor, or of what it stands in, and for what is too deep or too much
 */
export function resolveAliases(root: Node, fail: (node: unknown, why: string) => never): Targets {
  const targets = new Map<Alias, Node>();
  const anchors = new Map<string, Node>();
  const open = new Set<Node>();
  /** Of each node that has been left: values, and how deep it goes, with all aliases written out. */
  const sizes = new Map<Node, Size>();

  const measure = (node: unknown, depth: number): Size => {
    if (isAlias(node)) {
      const target = anchors.get(node.source);
      if (target === undefined)
        return fail(node, `There is no anchor &${shown(node)} before the alias *${shown(node)}.`);
      if (open.has(target)) return fail(node, `The alias *${shown(node)} stands in what it stands for.`);
      targets.set(node, target);
      return checked(node, sizes.get(target) ?? SCALAR, depth);
    }
    if (isNodeWithAnchor(node)) anchors.set(node.anchor, node);
    if (!isMap(node) && !isSeq(node)) return SCALAR;
    checked(node, SCALAR, depth);
    open.add(node);
    let [values, height] = [1, 1];
    const children = isMap(node) ? node.items.flatMap(({ key, value }) => [key, value]) : node.items;
    for (const child of children) {
      const size = measure(child, depth + 1);
      values += size.values;
      height = Math.max(height, size.height + 1);
      checked(node, { values, height }, depth);
    }
    open.delete(node);
    sizes.set(node, { values, height });
    return { values, height };
  };
  const checked = (node: unknown, size: Size, depth: number): Size => {
    if (depth + size.height > MAX_DEPTH)
      fail(node, `It is nested too deeply: a config has at most ${MAX_DEPTH} levels.`);
    if (size.values > MAX_VALUES) fail(node, `With all aliases written out it has more than ${MAX_VALUES} values.`);
    return size;
  };
  measure(root, 0);
  return targets;
}

interface Size {
  readonly values: number;
  readonly height: number;
}

/** Its name in a message. */
function shown({ source }: Alias): string {
  return shortenText(source, 60);
}

const SCALAR: Size = { values: 1, height: 1 };

function isNodeWithAnchor(node: unknown): node is Node & { anchor: string } {
  return typeof node === 'object' && node !== null && 'anchor' in node && typeof node.anchor === 'string';
}
