/** A config as it is written: the form of `config.yaml`, which a config file may hold too. */
import { Document, isScalar, visit } from 'yaml';
import { type ComponentKey, componentKeysOf, sectionsOf } from './component-keys';
import { type OscConfig, rootSchema } from './schema';
import { isMap, mapAt, pick, putValue, toValue, type Value, valueAt, type ValueMap } from './value';

export const YAML_FORM = { lineWidth: 0, flowCollectionPadding: false } as const;

/** YAML of a config, for a file. */
export function printConfig(config: OscConfig): string {
  return configDocument(writtenConfig(config)).toString(YAML_FORM);
}

/** A value as YAML that reads back as the same. */
export function configDocument(value: Value): Document {
  // text that YAML 1.1 would read as something else stands in quotes: a run named "on", notes of "010"
  const document = new Document(value, { compat: 'yaml-1.1' });
  visit(document, {
    Seq: (_, node) => {
      // [8, 8] on one line
      if (node.items.every((item) => isScalar(item))) node.flow = true;
    },
    Scalar: (_, node) => {
      // digits alone would be an integer that cannot be held exactly
      if (Number.isInteger(node.value) && !Number.isSafeInteger(node.value)) node.format = 'EXP';
    },
  });
  return document;
}

/**
 * Components as bare names or `{ name, ...options, ...parentKeys }`. Options of a component in a list stand in the section
 * of its name, so that an override of them there has its effect; those in which two of one name differ stand in the list.
 */
export function writtenConfig({ unlisted, ...config }: OscConfig): ValueMap {
  const written = toMap(config);
  // nodes inside a node first: the outer one takes them over
  for (const key of [...componentKeysOf(written)].reverse()) {
    const node = valueAt(written, key.key);
    if (Array.isArray(node)) writeList(written, key, node.filter(isMap));
    else if (isMap(node)) putValue(written, key.key, writtenNode(node, key, mapAt(node, 'options')));
  }
  for (const [key, options] of Object.entries(unlisted)) putValue(written, key, options);
  return written;
}

/**
 * The model of a config, from the form it is written in. Options of components stay unchecked, their defaults left out.
 *
 * @throws ZodError for what the schema of the config refuses
 */
export function readModel(written: unknown): OscConfig['model'] {
  return rootSchema.shape.model.parse(written);
}

function writeList(written: ValueMap, key: ComponentKey, nodes: readonly ValueMap[]): void {
  const sections = new Map<string, ValueMap>();
  const items = nodes.map((node) => {
    const name = String(node['name']);
    const same = nodes.filter((other) => other['name'] === node['name']).map((other) => mapAt(other, 'options'));
    const options = mapAt(node, 'options');
    const isShared = (option: string): boolean =>
      same.every((other) => JSON.stringify(other[option]) === JSON.stringify(options[option]));
    const shared = pick(options, isShared);
    if (Object.keys(shared).length > 0) sections.set(name, shared);
    return writtenNode(
      node,
      key,
      pick(options, (option) => !isShared(option)),
    );
  });
  putValue(written, key.key, items);
  for (const [name, options] of sections) putValue(written, `${sectionsOf(key)}.${name}`, options);
}

function writtenNode(node: ValueMap, { bare }: ComponentKey, options: ValueMap): Value {
  const { name } = node;
  const rest = { ...options, ...pick(node, (key) => key !== 'name' && key !== 'options') };
  return bare && Object.keys(rest).length === 0 ? (name ?? null) : { name: name ?? null, ...rest };
}

function toMap(config: unknown): ValueMap {
  const map = toValue(config, (key, value) => {
    throw new Error(`${key} of the config holds no data: ${String(value)}.`);
  });
  return isMap(map) ? map : {};
}
