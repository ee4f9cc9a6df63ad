/** The JSON Schema of a config file, with the options of every component. */
import { z } from 'zod';
import type { ComponentCatalog } from '../sdk/catalog';
import { COMPONENT_KEYS, type ComponentKey } from './component-keys';
import type { GroupFolders } from './groups';
import { rootSchema } from './schema';

export type JsonSchema = { [key: string]: unknown };

/** @throws UsageError for an enabled package that cannot be loaded */
export async function configFileSchema(catalog: ComponentCatalog, folders: GroupFolders): Promise<JsonSchema> {
  const schema = plain(rootSchema);
  // nodes inside a node first: the outer one takes them over
  for (const key of [...COMPONENT_KEYS].reverse()) await describeComponents(schema, key, catalog);
  const { properties, ...rest } = schema as { properties: JsonSchema };
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'Config file of osc',
    ...rest,
    properties: {
      $schema: { type: 'string' },
      extends: {
        description: 'config files that this one builds on: paths from this file, or names of packages',
        anyOf: [{ type: 'string' }, { type: 'array', items: { type: 'string' } }],
      },
      plugins: {
        description: 'plugin packages to enable: names, or paths from this file',
        type: 'array',
        items: { type: 'string' },
      },
      configDirs: {
        description: 'folders with YAML groups of your own, from this file',
        type: 'array',
        items: { type: 'string' },
      },
      defaults: {
        description: 'choices of config groups; null = none',
        type: 'object',
        properties: Object.fromEntries(
          folders.groups.map((group) => [group, { enum: [...folders.choices(group).keys(), null] }]),
        ),
        additionalProperties: { type: ['string', 'array', 'null'] },
      },
      ...properties,
    },
  };
}

/** Every key may be left out of a file. */
function plain(schema: z.ZodType): JsonSchema {
  const json = z.toJSONSchema(schema, { io: 'output', unrepresentable: 'any' }) as JsonSchema;
  delete json['$schema'];
  return withoutRequired(json) as JsonSchema;
}

function withoutRequired(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(withoutRequired);
  if (typeof node !== 'object' || node === null) return node;
  const entries = Object.entries(node).filter(([key, value]) => !(key === 'required' && Array.isArray(value)));
  return Object.fromEntries(entries.map(([key, value]) => [key, withoutRequired(value)]));
}

async function describeComponents(root: JsonSchema, key: ComponentKey, catalog: ComponentCatalog): Promise<void> {
  const names = key.key.split('.');
  const last = names.pop()!;
  let holder = root;
  for (const name of names) {
    const node = (holder['properties'] as JsonSchema)[name] as JsonSchema;
    holder = ((node['anyOf'] as JsonSchema[] | undefined) ?? [node]).find((option) => option['properties'])!;
  }
  const properties = holder['properties'] as JsonSchema;
  const written = (last === '*' ? holder['additionalProperties'] : properties[last]) as JsonSchema;
  const own = ownProperties(key.list ? (written['items'] as JsonSchema) : written);
  const entries = catalog.entries(key.kind).filter(({ enabled }) => enabled);
  const options: JsonSchema[] = [];
  for (const entry of entries) {
    const manifest = await catalog.manifest(key.kind, entry.name);
    const { properties: described } = plain(manifest.options) as { properties?: JsonSchema };
    options.push({
      type: 'object',
      description: entry.summary,
      properties: { name: { enum: [entry.name, ...entry.aliases] }, ...described, ...own },
      additionalProperties: false,
    });
  }
  const bare = [...entries.flatMap(({ name, aliases }) => [name, ...aliases]), ...key.keywords];
  const choices: JsonSchema[] = [
    bare.length > 0 ? { enum: bare } : { type: 'string' },
    ...(options.length > 0 ? options : [{ type: 'object', properties: { name: { type: 'string' }, ...own } }]),
  ];
  const one = { anyOf: key.nullable ? [...choices, { type: 'null' }] : choices };
  const kept = Object.fromEntries(
    Object.entries(written).filter(([name]) => ['description', 'default'].includes(name)),
  );
  if (last === '*') holder['additionalProperties'] = { ...kept, ...one };
  else properties[last] = key.list ? { ...kept, type: 'array', items: one } : { ...kept, ...one };
  if (!key.list) return;
  for (const [index, { name, summary }] of entries.entries()) {
    const described = Object.entries(options[index]!['properties'] as JsonSchema);
    const section = Object.fromEntries(described.filter(([option]) => option !== 'name' && !(option in own)));
    const description = `options of the ${key.kind} ${name}: ${summary}`;
    properties[name] ??= { type: 'object', description, properties: section, additionalProperties: false };
  }
}

/** What the parent's schema says of its keys in the node. */
function ownProperties(node: JsonSchema): JsonSchema {
  const holders = ((node['anyOf'] as JsonSchema[] | undefined) ?? [node]).map((option) => option['properties']);
  const found = holders.find((properties) => properties !== undefined) as JsonSchema | undefined;
  return Object.fromEntries(Object.entries(found ?? {}).filter(([name]) => name !== 'name'));
}
