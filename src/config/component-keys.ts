/** The keys of the config that choose components, as its schema has them. */
import type { z } from 'zod';
import type { ComponentKind } from '../sdk/kinds';
import { type ComponentNode, componentNodeOf } from './component-schema';
import { rootSchema } from './schema';
import { furtherKeys, isNullable, itemOf, shapeOf, unwrap } from './schema-walk';
import { type Branch, find, isBranch } from './tree';
import { mapAt, splitLast, type ValueMap } from './value';

/** A key of the config whose value names a component: a bare name or `{ name, ...options }`. */
export interface ComponentKey extends ComponentNode {
  /** Dotted, e.g. `model.obj_queries`. A last part `*` stands for every key of a map (`losses.*`). */
  readonly key: string;
  /** The node may be null: no component. */
  readonly nullable: boolean;
  /**
   * The node is a list of components. Options of them may also stand beside the list, in a section of the component's
   * name: those of the evaluator `vqa` in `data.test.vqa`, as in the reference's configs.
   */
  readonly list: boolean;
  /** Keys inside the node that belong to the parent; they are taken off before the component's schema sees the rest. */
  readonly parentKeys: readonly string[];
}

const ANY = '.*';

/** Every config key that chooses a component. Parents come before the nodes inside them. */
export const COMPONENT_KEYS: readonly ComponentKey[] = [...keysBelow(rootSchema, '')];

function* keysBelow(schema: z.ZodType, prefix: string): Generator<ComponentKey> {
  for (const [name, child] of Object.entries(shapeOf(schema) ?? {})) {
    yield* keysAt(child, prefix === '' ? name : `${prefix}.${name}`);
  }
  const further = furtherKeys(schema);
  if (further !== undefined) yield* keysAt(further, prefix + ANY);
}

function* keysAt(schema: z.ZodType, key: string): Generator<ComponentKey> {
  const item = itemOf(schema);
  const node = componentNodeOf(unwrap(item ?? schema));
  if (node !== undefined) {
    const parentKeys = Object.keys(shapeOf(item ?? schema) ?? {}).filter((name) => name !== 'name');
    yield { ...node, key, nullable: isNullable(schema), list: item !== undefined, parentKeys };
  }
  if (item === undefined) yield* keysBelow(schema, key);
}

/** The keys that choose a component of a kind, as people read them: `losses.KEY` for any key of `losses`. */
export function keysOfKind(kind: ComponentKind): string[] {
  const keys = COMPONENT_KEYS.filter((candidate) => candidate.kind === kind).map(({ key: dotted }) => dotted);
  return keys.map((dotted) => (dotted.endsWith(ANY) ? `${dotted.slice(0, -ANY.length)}.KEY` : dotted));
}

/** The component key at this dotted key, or whose `name` this is. */
export function componentKeyAt(key: string): ComponentKey | undefined {
  const node = key.replace(/\.name$/, '');
  const own = COMPONENT_KEYS.find((candidate) => candidate.key === node);
  if (own || node.endsWith(ANY)) return own;
  const pattern = `${splitLast(node).parent}${ANY}`;
  const any = COMPONENT_KEYS.find((candidate) => candidate.key === pattern);
  return any && { ...any, key: node };
}

/** The component keys of a config that is being put together: of a map such as `losses` those that it has. */
export function componentKeysIn(tree: Branch): readonly ComponentKey[] {
  return expand((map) => {
    const node = find(tree, map);
    return isBranch(node) ? [...node.children.keys()] : [];
  });
}

/** The keys above a dotted key that choose components, from the outermost one in. */
export function componentKeysAbove(key: string): string[] {
  return COMPONENT_KEYS.flatMap(({ key: pattern }) => {
    if (!pattern.endsWith(ANY)) return key.startsWith(`${pattern}.`) ? [pattern] : [];
    const map = pattern.slice(0, 1 - ANY.length);
    const end = key.startsWith(map) ? key.indexOf('.', map.length) : -1;
    const own = key.slice(0, end);
    return end < 0 || NAMES.has(own) ? [] : [own];
  });
}

/** The component keys of plain values. */
export function componentKeysOf(values: ValueMap): readonly ComponentKey[] {
  return expand((map) => Object.keys(mapAt(values, map)));
}

/** The map whose sections may hold options of a list's components. */
export function sectionsOf({ key }: ComponentKey): string {
  return splitLast(key).parent;
}

const NAMES: ReadonlySet<string> = new Set(COMPONENT_KEYS.map(({ key }) => key));

function expand(keysOf: (map: string) => readonly string[]): ComponentKey[] {
  const expanded: ComponentKey[] = [];
  for (const component of COMPONENT_KEYS) {
    if (!component.key.endsWith(ANY)) expanded.push(component);
    else {
      const map = component.key.slice(0, -ANY.length);
      for (const name of keysOf(map)) {
        const key = `${map}.${name}`;
        if (!NAMES.has(key)) expanded.push({ ...component, key });
      }
    }
  }
  return expanded;
}
