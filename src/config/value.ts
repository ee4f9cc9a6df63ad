import { shortenText } from '../util/text';

/** What a config is made of. */
export type Value = null | boolean | number | string | Value[] | { [key: string]: Value };

export type ValueMap = { [key: string]: Value };

export function isMap(value: unknown): value is ValueMap {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The value at a dotted key. */
export function valueAt(values: ValueMap, key: string): Value | undefined {
  return key.split('.').reduce<Value | undefined>((node, name) => (isMap(node) ? node[name] : undefined), values);
}

/** The map at a dotted key; an empty one where there is none. */
export function mapAt(values: ValueMap, key: string): ValueMap {
  const node = valueAt(values, key);
  return isMap(node) ? node : {};
}

const SHOWN_CHARACTERS = 60;

/** A value as a message shows it, in the words of YAML: `the text "abc"`, `the number 3`, `null`. */
export function describeValue(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (value === null) return 'null';
  if (typeof value === 'string') return `the text ${JSON.stringify(value)}`;
  if (typeof value === 'number') return `the number ${String(value)}`;
  if (typeof value === 'boolean') return String(value);
  if (Array.isArray(value)) return `the list ${shortenText(JSON.stringify(value), SHOWN_CHARACTERS)}`;
  if (typeof value === 'object') return `the map ${shortenText(JSON.stringify(value), SHOWN_CHARACTERS)}`;
  return `a ${typeof value}`;
}
