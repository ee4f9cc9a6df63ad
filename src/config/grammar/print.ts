/** Prints overrides so that reading them back gives the same. */
import { isMap, type Value } from '../value';
import { type Override, PREFIXES, type Typed } from './override';
import { isBareText } from './words';

/** @param override without a sweep: what it tries is printed by the job */
export function printOverride(override: Omit<Override, 'text' | 'sweep'>): string {
  const { value, float } = override;
  return value === undefined
    ? printHead(override)
    : `${printHead(override)}=${printTyped({ value, ...(float ? { float } : {}) })}`;
}

/** What stands before the `=`. */
export function printHead({ operation, key, package: pkg }: Pick<Override, 'operation' | 'key' | 'package'>): string {
  return `${PREFIXES[operation]}${key}${pkg === undefined ? '' : `@${pkg}`}`;
}

export function printTyped({ value, float }: Typed): string {
  const text = printValue(value);
  return float && Number.isSafeInteger(value) && !Object.is(value, -0) ? `${text}.0` : text;
}

export function printValue(value: Value): string {
  if (typeof value === 'string') return isBareText(value) ? value : quote(value);
  if (typeof value === 'number') return printNumber(value);
  if (Array.isArray(value)) return `[${value.map(printValue).join(',')}]`;
  if (isMap(value)) {
    const entries = Object.entries(value).map(([key, item]) => `${printKey(key)}:${printValue(item)}`);
    return `{${entries.join(',')}}`;
  }
  return String(value);
}

function printKey(key: string): string {
  return /^[A-Za-z_][A-Za-z0-9_]*$/.test(key) ? key : quote(key);
}

function printNumber(value: number): string {
  if (Number.isNaN(value)) return 'nan';
  if (!Number.isFinite(value)) return value > 0 ? 'inf' : '-inf';
  if (Object.is(value, -0)) return '-0.0';
  // digits without an exponent would be read as an integer that cannot be held exactly
  if (Number.isInteger(value) && !Number.isSafeInteger(value)) return value.toExponential();
  return String(value);
}

function quote(text: string): string {
  return `'${text.replace(/(?<!\\)(\\*)'/g, "$1$1\\'").replace(/(?<!\\)(\\+)$/, '$1$1')}'`;
}
