/** Questions to a zod schema: what is at a key, which keys there are. */
import { z } from 'zod';
import { componentNodeOf } from './component-schema';

/** Takes off defaults, `nullable`, and what else wraps the schema proper. */
export function unwrap(schema: z.ZodType): z.ZodType {
  let inner = schema;
  for (;;) {
    const next = wrapped(inner);
    if (!(next instanceof z.ZodType)) return inner;
    inner = next;
  }
}

function wrapped(schema: z.ZodType): unknown {
  if (
    schema instanceof z.ZodDefault ||
    schema instanceof z.ZodPrefault ||
    schema instanceof z.ZodNullable ||
    schema instanceof z.ZodOptional
  ) {
    return schema.unwrap();
  }
  return schema instanceof z.ZodPipe ? schema.out : undefined;
}

export function isNullable(schema: z.ZodType): boolean {
  return schema.safeParse(null).success;
}

/** The default that a schema itself has, as it would be written; undefined where it has none. */
export function ownDefault(schema: z.ZodType): unknown {
  for (let inner: unknown = schema; inner instanceof z.ZodType; inner = wrapped(inner)) {
    if (inner instanceof z.ZodDefault || inner instanceof z.ZodPrefault) return inner.def.defaultValue;
  }
  return undefined;
}

/** The keys of a map; undefined for anything else. Of a node that names a component: `name` and those of the parent. */
export function shapeOf(schema: z.ZodType | undefined): Readonly<Record<string, z.ZodType>> | undefined {
  if (schema === undefined) return undefined;
  const inner = unwrap(schema);
  if (!(inner instanceof z.ZodObject)) return undefined;
  const isComponent = componentNodeOf(inner) !== undefined;
  return Object.fromEntries(
    Object.entries(inner.shape).flatMap(([key, child]: [string, unknown]) =>
      child instanceof z.ZodType && !(isComponent && key === 'options') ? [[key, child]] : [],
    ),
  );
}

/** The schema of the keys that a map may have beside those of its shape; undefined where it may have none. */
export function furtherKeys(schema: z.ZodType): z.ZodType | undefined {
  const inner = unwrap(schema);
  const catchall = inner instanceof z.ZodObject ? inner.def.catchall : undefined;
  return catchall instanceof z.ZodType && !(catchall instanceof z.ZodNever) ? catchall : undefined;
}

/** The schema of the items of a list; undefined for anything else. */
export function itemOf(schema: z.ZodType): z.ZodType | undefined {
  const inner = unwrap(schema);
  return inner instanceof z.ZodArray && inner.element instanceof z.ZodType ? inner.element : undefined;
}

/** The schema at a path of keys. */
export function schemaAt(schema: z.ZodType, path: readonly PropertyKey[]): z.ZodType | undefined {
  let node: z.ZodType | undefined = schema;
  for (const name of path) {
    if (node === undefined) return undefined;
    node = childOf(node, name);
  }
  return node;
}

function childOf(schema: z.ZodType, name: PropertyKey): z.ZodType | undefined {
  const inner = unwrap(schema);
  if (inner instanceof z.ZodTuple) {
    const item = inner.def.items[Number(name)];
    return item instanceof z.ZodType ? item : undefined;
  }
  const shape = shapeOf(inner) ?? {};
  return itemOf(inner) ?? (Object.hasOwn(shape, String(name)) ? shape[String(name)] : furtherKeys(inner));
}

/** Every dotted key below a schema. */
export function* dottedKeys(schema: z.ZodType, prefix = ''): Generator<string> {
  for (const [name, child] of Object.entries(shapeOf(schema) ?? {})) {
    const key = prefix === '' ? name : `${prefix}.${name}`;
    yield key;
    yield* dottedKeys(child, key);
  }
}
