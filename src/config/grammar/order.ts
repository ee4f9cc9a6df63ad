/** `sort()` and `shuffle()`. */
import { RandomSource } from '../../sdk/random';
import type { Value } from '../value';

/** As Python sorts, which keeps equal values in their order. @returns undefined where the values have no order */
export function sorted<T>(items: readonly T[], valueOf: (item: T) => Value, reverse: boolean): T[] | undefined {
  let comparable = true;
  const ordered = [...items].sort((a, b) => {
    const order = compare(valueOf(a), valueOf(b));
    if (order === undefined) comparable = false;
    return reverse ? -(order ?? 0) : (order ?? 0);
  });
  return comparable ? ordered : undefined;
}

/** Numbers and bools, texts, lists item by item; undefined for anything else. */
function compare(a: Value, b: Value): number | undefined {
  if (typeof a === 'string' && typeof b === 'string') return a < b ? -1 : a > b ? 1 : 0;
  if (Array.isArray(a) && Array.isArray(b)) {
    for (const [index, item] of a.entries()) {
      const other = b[index];
      if (other === undefined) return 1;
      const order = compare(item, other);
      if (order !== 0) return order;
    }
    return a.length - b.length;
  }
  const isNumber = (value: Value): boolean => typeof value === 'boolean' || typeof value === 'number';
  if (!isNumber(a) || !isNumber(b)) return undefined;
  const difference = Number(a) - Number(b);
  if (Number.isNaN(difference)) return a === b ? 0 : undefined; // infinities, or what is no number
  return difference;
}

/** In an order that looks random and is always the same: a sweep that is resumed has the same jobs. */
export function shuffled<T>(items: readonly T[]): T[] {
  const places = new RandomSource(0).stream('shuffle').sample(items.length);
  return Array.from(places).flatMap((place) => items.slice(place, place + 1));
}
