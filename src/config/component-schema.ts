/** What the schema of the config is built of, and what it says of the nodes that name components. */
import { z } from 'zod';
import type { ComponentKind } from '../sdk/kinds';
import { isMap } from './value';

/** A component that a config chooses. */
export interface ChosenComponent {
  readonly name: string;
  /** Checked by the component's own schema, with its defaults. */
  readonly options: Readonly<Record<string, unknown>>;
}

/** What is known of a node of the config that names a component. */
export interface ComponentNode {
  readonly kind: ComponentKind;
  /** Values of the node that name no component (`pos_embed: backbone` shares the backbone's instance). */
  readonly keywords: readonly string[];
  /** Where it has no options it is written by its bare name, not as `{ name }`. */
  readonly bare: boolean;
}

const componentNodes = z.registry<ComponentNode>();

/**
 * A node that names a component. It is written as a bare name or as `{ name, ...options, ...parentKeys }`, and read as
 * `{ name, options, ...parentKeys }`: the options are for the component's own schema, the keys of the parent for this one.
 */
export function component<S extends z.ZodRawShape>(
  kind: ComponentKind,
  parentKeys: S,
  { keywords = [], bare = false }: Partial<Omit<ComponentNode, 'kind'>> = {},
) {
  const node = z.strictObject({
    name: z.string().describe('name of the component'),
    options: z.record(z.string(), z.unknown()),
    ...parentKeys,
  });
  componentNodes.add(node, { kind, keywords, bare });
  const names = Object.keys(parentKeys);
  return z.preprocess((written) => splitNode(written, names), node);
}

/** A map that may be left out: the defaults of its keys. */
export function section<S extends z.ZodRawShape>(shape: S, description: string) {
  return optionalMap(z.strictObject(shape)).describe(description);
}

/** Reads a map that is not written as an empty one. */
export function optionalMap<M extends z.ZodType>(map: M) {
  return z.preprocess((written) => (written === undefined ? {} : written), map);
}

/** What a schema, taken out of its wrappings, says of a node that names a component; undefined for any other. */
export function componentNodeOf(schema: z.ZodType): ComponentNode | undefined {
  return schema instanceof z.ZodObject ? componentNodes.get(schema) : undefined;
}

/** A node as it is written to a node as it is read. What is none is left as it is, to be refused. */
export function splitNode(written: unknown, parentKeys: readonly string[]): unknown {
  if (typeof written === 'string') return { name: written, options: {} };
  if (!isMap(written)) return written;
  const entries = Object.entries(written);
  const isOption = (key: string): boolean => key !== 'name' && !parentKeys.includes(key);
  return {
    ...Object.fromEntries(entries.filter(([key]) => !isOption(key))),
    options: Object.fromEntries(entries.filter(([key]) => isOption(key))),
  };
}
