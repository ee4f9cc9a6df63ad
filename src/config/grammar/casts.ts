/** `int()`, `float()`, `str()`, `bool()` of a value. */
import { pythonText } from '../python-text';
import { isMap, type Value } from '../value';
import type { Typed } from './override';

/** As Python's `int()` and `float()` read text. */
const INTEGER = /^\s*[+-]?[0-9](_?[0-9])*\s*$/;
const FRACTION = /^\s*[+-]?([0-9](_?[0-9])*(\.([0-9](_?[0-9])*)?)?|\.[0-9](_?[0-9])*)(e[+-]?[0-9](_?[0-9])*)?\s*$/i;

const CASTS = {
  int({ value }: Typed): Value | undefined {
    if (typeof value === 'string') return INTEGER.test(value) ? safe(Number(value.replaceAll('_', ''))) : undefined;
    return typeof value === 'number' || typeof value === 'boolean' ? safe(Math.trunc(Number(value))) : undefined;
  },
  float({ value }: Typed): Value | undefined {
    if (typeof value !== 'string') return value === null ? undefined : Number(value);
    const word = /^\s*([+-]?)(inf|infinity|nan)\s*$/i.exec(value);
    if (word) return word[2]?.toLowerCase() === 'nan' ? NaN : word[1] === '-' ? -Infinity : Infinity;
    return FRACTION.test(value) ? Number(value.replaceAll('_', '')) : undefined;
  },
  str({ value, float }: Typed): Value | undefined {
    return value === null ? undefined : typeof value === 'boolean' ? String(value) : pythonText(value, float);
  },
  bool({ value }: Typed): Value | undefined {
    if (typeof value !== 'string') return Boolean(value) || Number.isNaN(value);
    const word = value.toLowerCase();
    return word === 'true' ? true : word === 'false' ? false : undefined;
  },
} as const;

export type Cast = keyof typeof CASTS;

export const CAST_NAMES: readonly Cast[] = ['int', 'float', 'str', 'bool'];

/** Of a list or a map each item is cast, but for text. @returns undefined for what cannot be cast */
export function castTyped(cast: Cast, typed: Typed): Typed | undefined {
  const value = castValue(cast, typed);
  if (value === undefined) return undefined;
  return cast === 'float' && typeof value === 'number' ? { value, float: true } : { value };
}

function castValue(cast: Cast, typed: Typed): Value | undefined {
  const { value } = typed;
  if (typeof value !== 'object' || value === null) return CASTS[cast](typed);
  // whether 2 was written 2.0 is known of a value alone
  if (cast === 'str') return undefined;
  const items = Array.isArray(value) ? value.map((item) => castValue(cast, { value: item })) : undefined;
  if (items) return items.every((item) => item !== undefined) ? items : undefined;
  if (!isMap(value)) return undefined;
  const entries = Object.entries(value).map(([key, item]) => [key, castValue(cast, { value: item })] as const);
  const known = entries.flatMap(([key, item]) => (item === undefined ? [] : [[key, item] as const]));
  return known.length === entries.length ? Object.fromEntries(known) : undefined;
}

function safe(number: number): number | undefined {
  return Number.isSafeInteger(number) ? number + 0 : undefined;
}
