import { COMPONENT_KEYS } from '../sdk/kinds';

/** A config node that names a component, taken apart. */
export interface ComponentNode {
  readonly name: string;
  readonly options: Readonly<Record<string, unknown>>;
  /** Values of the keys in the node that belong to its parent. */
  readonly parent: Readonly<Record<string, unknown>>;
}

/** Takes a node apart, whether it is a bare name or `{ name, ...options }`; null for none. `key` is a component key. */
export function takeApart(key: string, node: unknown): ComponentNode | null {
  if (node === null || node === undefined) return null;
  if (typeof node === 'string') return { name: node, options: {}, parent: {} };
  const { name, ...rest } = node as { name: string };
  const parentKeys = COMPONENT_KEYS.find((candidate) => candidate.key === key)?.parentKeys ?? [];
  const split = (ofParent: boolean): Record<string, unknown> =>
    Object.fromEntries(Object.entries(rest).filter(([option]) => parentKeys.includes(option) === ofParent));
  return { name, options: split(false), parent: split(true) };
}
