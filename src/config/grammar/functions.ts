import { nearNames } from '../../util/near-names';
import { pythonText } from '../python-text';
import { isMap, type Value } from '../value';
import type { Typed } from './override';

type Result = Typed & { choices?: undefined };
type Choices = { value?: undefined; choices: readonly Value[] };
type Fail = (problem: string, hints: string[]) => never;

const MAX_CHOICES = 10_000;

/** As Python's `int()` and `float()` read text. */
const INTEGER = /^\s*[+-]?[0-9](_?[0-9])*\s*$/;
const FRACTION = /^\s*[+-]?([0-9](_?[0-9])*(\.([0-9](_?[0-9])*)?)?|\.[0-9](_?[0-9])*)(e[+-]?[0-9](_?[0-9])*)?\s*$/i;

const CASTS = new Map<string, (typed: Typed) => Value | undefined>([
  [
    'int',
    ({ value }) => {
      if (typeof value === 'string') return INTEGER.test(value) ? safe(Number(value.replaceAll('_', ''))) : undefined;
      return typeof value === 'number' || typeof value === 'boolean' ? safe(Math.trunc(Number(value))) : undefined;
    },
  ],
  [
    'float',
    ({ value }) => {
      if (typeof value !== 'string') return value === null ? undefined : Number(value);
      const word = /^\s*([+-]?)(inf|infinity|nan)\s*$/i.exec(value);
      if (word) return word[2]?.toLowerCase() === 'nan' ? NaN : word[1] === '-' ? -Infinity : Infinity;
      return FRACTION.test(value) ? Number(value.replaceAll('_', '')) : undefined;
    },
  ],
  [
    'str',
    ({ value, float }) =>
      value === null ? undefined : typeof value === 'boolean' ? String(value) : pythonText(value, float),
  ],
  [
    'bool',
    ({ value }) => {
      if (typeof value !== 'string') return Boolean(value) || Number.isNaN(value);
      const word = value.toLowerCase();
      return word === 'true' ? true : word === 'false' ? false : undefined;
    },
  ],
]);

const FUNCTIONS = ['choice', 'range', ...CASTS.keys()];

/** `choice(…)`, `range(…)` and the casts `int()`, `float()`, `str()`, `bool()`. */
export function callFunction(
  name: string,
  args: readonly Typed[],
  named: ReadonlyMap<string, Value>,
  fail: Fail,
): Result | Choices {
  if (name === 'choice') {
    if (named.size > 0 || args.length === 0) fail('choice() takes one value or more, without names', []);
    return { choices: args.map(({ value }) => value) };
  }
  if (name === 'range')
    return {
      choices: range(
        args.map(({ value }) => value),
        named,
        fail,
      ),
    };
  const cast = CASTS.get(name);
  if (!cast) {
    const near = nearNames(name, FUNCTIONS);
    const known = `The functions are ${FUNCTIONS.join(', ')}`;
    return fail(`there is no function "${name}"${near.length ? ` (did you mean ${near.join(' or ')}?)` : ''}`, [
      `quote text that has parentheses; ${known}`,
    ]);
  }
  if (args.length !== 1 || named.size > 0) fail(`${name}() takes one value`, []);
  const [arg] = args;
  // of a list or a map each item, but for text: whether 2 was written 2.0 is known of a value alone
  const apply = (typed: Typed): Value | undefined => {
    const { value } = typed;
    if (typeof value !== 'object' || value === null) return cast(typed);
    const items = Array.isArray(value) ? value.map((item) => apply({ value: item })) : undefined;
    if (items) return name !== 'str' && items.every((item) => item !== undefined) ? items : undefined;
    if (!isMap(value) || name === 'str') return undefined;
    const entries = Object.entries(value).map(([key, item]) => [key, apply({ value: item })] as const);
    const known = entries.flatMap(([key, item]) => (item === undefined ? [] : [[key, item] as const]));
    return known.length === entries.length ? Object.fromEntries(known) : undefined;
  };
  const value = arg === undefined ? undefined : apply(arg);
  if (value === undefined) return fail(`${name}() cannot read ${JSON.stringify(arg?.value)}`, []);
  return { value, ...(name === 'float' && typeof value === 'number' ? { float: true as const } : {}) };
}

function safe(number: number): number | undefined {
  return Number.isSafeInteger(number) ? number : undefined;
}

/** `range(stop)`, `range(start, stop)`, `range(start, stop, step)`, by name or place; the stop is not in it. */
function range(args: readonly Value[], named: ReadonlyMap<string, Value>, fail: Fail): number[] {
  const names = args.length === 1 ? ['stop'] : ['start', 'stop', 'step'];
  const given = new Map<string, Value>(named);
  args.forEach((value, index) => given.set(names[index] ?? `argument ${index + 1}`, value));
  for (const [name, value] of given) {
    if (!['start', 'stop', 'step'].includes(name)) fail(`range() has no "${name}": it takes start, stop and step`, []);
    if (typeof value !== 'number' || !Number.isFinite(value)) fail(`the ${name} of range() is a number`, []);
  }
  const { start = 0, stop, step = 1 } = Object.fromEntries(given) as Record<string, number | undefined>;
  if (stop === undefined) return fail('range() needs a stop', ['range(1,10)']);
  if (step === 0) fail('the step of range() is not 0', []);
  const count = Math.max(0, Math.ceil((stop - start) / step));
  if (count === 0) fail('this range is empty', []);
  if (count > MAX_CHOICES) fail(`this range has ${count} values; at most ${MAX_CHOICES} are allowed`, []);
  return Array.from({ length: count }, (_, index) => start + index * step);
}
