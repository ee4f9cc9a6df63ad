/** Questions to a zod schema: what is at a key, which keys there are. */
import { z } from 'zod';

/** Takes off defaults, `nullable`, and what else wraps the schema proper. */
export function unwrap(schema: z.ZodType): z.ZodType {
  let inner: z.ZodType = schema;
  for (;;) {
    if (
      inner instanceof z.ZodDefault ||
      inner instanceof z.ZodPrefault ||
      inner instanceof z.ZodNullable ||
      inner instanceof z.ZodOptional
    ) {
      inner = inner.unwrap() as z.ZodType;
    } else if (inner instanceof z.ZodPipe) {
      inner = inner.out as z.ZodType;
    } else return inner;
  }
}

export function isNullable(schema: z.ZodType): boolean {
  return schema.safeParse(null).success;
}

/** The keys of a map; undefined for anything else. */
export function shapeOf(schema: z.ZodType | undefined): Readonly<Record<string, z.ZodType>> | undefined {
  if (schema === undefined) return undefined;
  const inner = unwrap(schema);
  return inner instanceof z.ZodObject ? (inner.shape as Record<string, z.ZodType>) : undefined;
}

/** The schema of the keys that a map may have beside those of its shape; undefined where it may have none. */
export function furtherKeys(schema: z.ZodType): z.ZodType | undefined {
  const inner = unwrap(schema);
  if (!(inner instanceof z.ZodObject)) return undefined;
  const { catchall } = inner.def;
  return catchall instanceof z.ZodNullable || catchall instanceof z.ZodObject ? catchall : undefined;
}

/** The schema at a path of keys. */
export function schemaAt(schema: z.ZodType, path: readonly PropertyKey[]): z.ZodType | undefined {
  let node: z.ZodType | undefined = schema;
  for (const name of path) {
    if (node === undefined) return undefined;
    const inner: z.ZodType = unwrap(node);
    if (inner instanceof z.ZodArray) node = inner.element as z.ZodType;
    else if (inner instanceof z.ZodTuple) node = inner.def.items[Number(name)] as z.ZodType | undefined;
    else node = shapeOf(inner)?.[String(name)] ?? furtherKeys(inner);
  }
  return node;
}

/** Every dotted key below a schema. */
export function* dottedKeys(schema: z.ZodType, prefix = ''): Generator<string> {
  for (const [name, child] of Object.entries(shapeOf(schema) ?? {})) {
    const key = prefix === '' ? name : `${prefix}.${name}`;
    yield key;
    yield* dottedKeys(child, key);
  }
}
