/** The JSON Schema of a config file, with the options of every component. */
import { z } from 'zod';
import type { ComponentCatalog } from '../sdk/catalog';
import { COMPONENT_KEYS, type ComponentKey } from './component-keys';
import type { GroupFolders } from './groups';
import { rootSchema } from './schema';

export type JsonSchema = z.core.JSONSchema.BaseSchema;

type Properties = NonNullable<JsonSchema['properties']>;

/** @throws UsageError for an enabled package that cannot be loaded */
export async function configFileSchema(catalog: ComponentCatalog, folders: GroupFolders): Promise<JsonSchema> {
  const { properties, ...rest } = plain(rootSchema);
  const root: JsonSchema = { ...rest, properties: properties ?? {} };
  // nodes inside a node first: the outer one takes them over
  for (const key of [...COMPONENT_KEYS].reverse()) await describeComponents(root, key, catalog);
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
        additionalProperties: { anyOf: [{ type: 'string' }, { type: 'array' }, { type: 'null' }] },
      },
      ...root.properties,
    },
  };
}

/** The schema of what is written; every key may be left out of a file. */
function plain(schema: z.ZodType): JsonSchema {
  return z.toJSONSchema(schema, {
    io: 'input',
    unrepresentable: 'any',
    override: ({ jsonSchema }) => {
      delete jsonSchema.required;
      delete jsonSchema.$schema;
    },
  });
}

/** Puts the components that can be chosen at a key in the place of the node that the root schema has there. */
async function describeComponents(root: JsonSchema, key: ComponentKey, catalog: ComponentCatalog): Promise<void> {
  const names = key.key.split('.');
  const last = names.pop() ?? '';
  const holder = names.reduce((node, name) => mapOf(asSchema(node.properties?.[name])), root);
  const properties = (holder.properties ??= {});
  const written = asSchema(last === '*' ? holder.additionalProperties : properties[last]);
  const node = mapOf(key.list ? itemsOf(written) : written).properties ?? {};
  const parentKeys = Object.fromEntries(Object.entries(node).filter(([name]) => key.parentKeys.includes(name)));

  const components = await componentsAt(key, catalog);
  const one = anyComponent(key, components, parentKeys);
  const { description, default: byDefault } = written;
  const kept = {
    ...(description === undefined ? {} : { description }),
    ...(byDefault === undefined ? {} : { default: byDefault }),
  };
  if (last === '*') holder.additionalProperties = { ...kept, ...one };
  else properties[last] = key.list ? { ...kept, type: 'array', items: one } : { ...kept, ...one };
  if (!key.list) return;
  for (const { name, summary, options } of components) {
    const section = `options of the ${key.kind} ${name}: ${summary}`;
    properties[name] ??= { type: 'object', description: section, properties: options, additionalProperties: false };
  }
}

interface DescribedComponent {
  readonly name: string;
  readonly aliases: readonly string[];
  readonly summary: string;
  readonly options: Properties;
}

async function componentsAt({ kind }: ComponentKey, catalog: ComponentCatalog): Promise<DescribedComponent[]> {
  const entries = catalog.entries(kind).filter(({ enabled }) => enabled);
  return Promise.all(
    entries.map(async ({ name, aliases, summary }) => {
      const { options } = await catalog.manifest(kind, name);
      return { name, aliases, summary, options: plain(options).properties ?? {} };
    }),
  );
}

/** A bare name, or a map with the name and the component's options; null where there may be none. */
function anyComponent(
  key: ComponentKey,
  components: readonly DescribedComponent[],
  parentKeys: Properties,
): JsonSchema {
  const names = [...components.flatMap(({ name, aliases }) => [name, ...aliases]), ...key.keywords];
  const maps = components.map(({ name, aliases, summary, options }): JsonSchema => ({
    type: 'object',
    description: summary,
    properties: { name: { enum: [name, ...aliases] }, ...options, ...parentKeys },
    additionalProperties: false,
  }));
  const anyMap: JsonSchema = { type: 'object', properties: { name: { type: 'string' }, ...parentKeys } };
  return {
    anyOf: [
      names.length > 0 ? { enum: names } : { type: 'string' },
      ...(maps.length > 0 ? maps : [anyMap]),
      ...(key.nullable ? [{ type: 'null' as const }] : []),
    ],
  };
}

/** Of the ways to write a node the one that is a map. */
function mapOf(node: JsonSchema): JsonSchema {
  const ways = (node.anyOf ?? [node]).map(asSchema);
  return ways.find(({ properties }) => properties !== undefined) ?? {};
}

function itemsOf({ items }: JsonSchema): JsonSchema {
  return Array.isArray(items) ? {} : asSchema(items);
}

function asSchema(schema: JsonSchema | boolean | undefined): JsonSchema {
  return typeof schema === 'object' ? schema : {};
}
