import { nearNames } from '../../util/near-names';
import type { Value } from '../value';

type Result = { value: Value } | { choices: readonly Value[] };
type Fail = (problem: string, hints: string[]) => never;

const MAX_CHOICES = 10_000;

const CASTS: Readonly<Record<string, (value: Value) => Value | undefined>> = {
  int: (value) => finite(Math.trunc(Number(value))),
  float: (value) => finite(Number(value)),
  str: (value) => (typeof value === 'object' && value !== null ? undefined : String(value)),
  bool: (value) => {
    if (typeof value === 'boolean') return value;
    if (typeof value === 'number') return value !== 0;
    if (typeof value !== 'string') return undefined;
    return { true: true, false: false }[value.toLowerCase()];
  },
};

const FUNCTIONS = ['choice', 'range', ...Object.keys(CASTS)];

/** `choice(…)`, `range(…)` and the casts `int()`, `float()`, `str()`, `bool()`. */
export function callFunction(
  name: string,
  args: readonly Value[],
  named: ReadonlyMap<string, Value>,
  fail: Fail,
): Result {
  if (name === 'choice') {
    if (named.size > 0 || args.length === 0) fail('choice() takes one value or more, without names', []);
    return { choices: args };
  }
  if (name === 'range') return { choices: range(args, named, fail) };
  const cast = CASTS[name];
  if (!cast) {
    const near = nearNames(name, FUNCTIONS);
    const known = `The functions are ${FUNCTIONS.join(', ')}`;
    return fail(`there is no function "${name}"${near.length ? ` (did you mean ${near.join(' or ')}?)` : ''}`, [
      `quote text that has parentheses; ${known}`,
    ]);
  }
  if (args.length !== 1 || named.size > 0) fail(`${name}() takes one value`, []);
  const [arg] = args;
  const value = arg === undefined ? undefined : cast(arg);
  if (value === undefined) return fail(`${name}() cannot read ${JSON.stringify(arg)}`, []);
  return { value };
}

function finite(number: number): number | undefined {
  return Number.isNaN(number) ? undefined : number;
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
