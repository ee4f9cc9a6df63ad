import { shortenText } from '../util/text';

/** What a config is made of. */
export type Value = null | boolean | number | string | Value[] | { [key: string]: Value };

export type ValueMap = { [key: string]: Value };

export function isMap(value: unknown): value is ValueMap {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * Data alone, of what may be anything: `undefined` in a map is left out.
 *
 * @param refuse is called with what is no data, and its dotted key
 */
export function toValue(data: unknown, refuse: (key: string, data: unknown) => never, key = ''): Value {
  if (data === null || typeof data === 'string' || typeof data === 'number' || typeof data === 'boolean') return data;
  if (Array.isArray(data)) return data.map((item, index) => toValue(item, refuse, `${key}[${index}]`));
  if (typeof data !== 'object' || !isPlain(data)) return refuse(key, data);
  const entries = Object.entries(data).filter(([, item]) => item !== undefined);
  return Object.fromEntries(
    entries.map(([name, item]) => [name, toValue(item, refuse, key === '' ? name : `${key}.${name}`)]),
  );
}

/** True for `{}` of any realm. */
function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

/** The value at a dotted key. */
export function valueAt(values: ValueMap, key: string): Value | undefined {
  return key.split('.').reduce<Value | undefined>((node, name) => ownValue(node, name), values);
}

/** What a map has under a name: `toString` and the like come from elsewhere. */
export function ownValue(map: unknown, name: string): Value | undefined {
  return isMap(map) && Object.hasOwn(map, name) ? map[name] : undefined;
}

/** The map at a dotted key; an empty one where there is none. */
export function mapAt(values: ValueMap, key: string): ValueMap {
  const node = valueAt(values, key);
  return isMap(node) ? node : {};
}

/** Sets the value at a dotted key, in place; maps on the way must be there. */
export function putValue(values: ValueMap, key: string, value: Value): void {
  const { parent, name } = splitLast(key);
  const map = parent === '' ? values : valueAt(values, parent);
  if (isMap(map)) map[name] = value;
}

/** `a.b.c` to `a.b` and `c`. */
export function splitLast(key: string): { parent: string; name: string } {
  const dot = key.lastIndexOf('.');
  return { parent: key.slice(0, Math.max(0, dot)), name: key.slice(dot + 1) };
}

/** Values in a value, itself among them; no further than `limit`. */
export function countValues(value: Value, limit: number): number {
  if (typeof value !== 'object' || value === null) return 1;
  let count = 1;
  for (const item of Object.values(value)) {
    count += countValues(item, limit - count);
    if (count > limit) break;
  }
  return count;
}

/** Text before and after the first separator; undefined after it where there is none. */
export function cut(text: string, separator: string): readonly [string, string | undefined] {
  const at = text.indexOf(separator);
  return at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + separator.length)];
}

export function pick(map: ValueMap, keep: (name: string) => boolean): ValueMap {
  return Object.fromEntries(Object.entries(map).filter(([name]) => keep(name)));
}

const SHOWN_CHARACTERS = 60;
const SHOWN_TEXT = 200;

/** A value as a message shows it, in the words of YAML: `the text "abc"`, `the number 3`, `null`. */
export function describeValue(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (value === null) return 'null';
  if (typeof value === 'string') return `the text ${shortenText(JSON.stringify(value), SHOWN_TEXT)}`;
  if (typeof value === 'number') return `the number ${String(value)}`;
  if (typeof value === 'boolean') return String(value);
  if (Array.isArray(value)) return `the list ${shortenText(JSON.stringify(value), SHOWN_CHARACTERS)}`;
  if (typeof value === 'object') return `the map ${shortenText(JSON.stringify(value), SHOWN_CHARACTERS)}`;
  return `a ${typeof value}`;
}
