/** The functions of Hydra's overrides: what is tried, in which order, and casts. */
import { nearNames } from '../../util/near-names';
import { describeValue } from '../value';
import type { Call } from './call';
import { type Choices, describe, type Element, isSweep } from './call';
import { CAST_NAMES, type Cast, castTyped } from './casts';
import { decimalRange } from './decimal';
import { shuffled, sorted } from './order';
import type { Choice, GlobSweep, IntervalSweep, Typed } from './override';
import { printTyped } from './print';

const MAX_CHOICES = 10_000;

const FUNCTIONS: ReadonlyMap<string, (call: Call) => Element> = new Map([
  ['choice', choice],
  ['range', range],
  ['interval', interval],
  ['glob', glob],
  ['sort', sort],
  ['shuffle', shuffle],
  ['tag', tag],
  ...CAST_NAMES.map((name) => [name, (call: Call) => cast(name, call)] as const),
]);

/** @throws UsageError, by `call.fail` */
export function callFunction(call: Call): Element {
  const own = FUNCTIONS.get(call.name);
  if (own) return own(call);
  const names = [...FUNCTIONS.keys()];
  const near = nearNames(call.name, names);
  return call.fail(`there is no function "${call.name}"${near.length ? ` (did you mean ${near.join(' or ')}?)` : ''}`, [
    `quote text that has parentheses; The functions are ${names.join(', ')}`,
  ]);
}

function choicesOf(choices: readonly Choice[], more: Partial<Choices> = {}): Choices {
  return { kind: 'choices', choices, tags: [], ...more };
}

function computed(typed: Typed): Choice {
  return { ...typed, text: printTyped(typed) };
}

function choice(call: Call): Element {
  call.onlyNamed();
  const [first] = call.values;
  if (first === undefined) return call.fail('choice() takes one value or more');
  if (call.values.length === 1 && isSweep(first) && first.kind === 'choices' && first.plain)
    return choicesOf(first.choices);
  return choicesOf(call.plains());
}

/** `range(stop)`, `range(start, stop)`, `range(start, stop, step)`; the stop is not in it. */
function range(call: Call): Choices {
  const bound = call.bind('start', 'stop', 'step');
  for (const [name, element] of bound) call.number(element, `the ${name} of range()`);
  const first = bound.get('start');
  if (first === undefined) return call.fail('range() needs a stop', ['range(10)', 'range(1,10)']);
  const [start, stop] = bound.has('stop') ? [first, bound.get('stop')!] : [computed({ value: 0 }), first];
  return numbers(call, {
    start: call.plain(start, 'the start of range()'),
    stop: call.plain(stop, 'the stop of range()'),
    step: call.plain(bound.get('step') ?? computed({ value: 1 }), 'the step of range()'),
  });
}

function numbers(call: Call, spec: NonNullable<Choices['range']>): Choices {
  const all = [spec.start, spec.stop, spec.step];
  const [start, stop, step] = all.map((typed) => call.number(typed, 'each argument of range()')) as [
    number,
    number,
    number,
  ];
  if (step === 0) call.fail('the step of range() is not 0');
  const count = Math.ceil((stop - start) / step);
  if (count > 2 * MAX_CHOICES) call.fail(tooMany(count));
  const isFloat = all.some(({ float }) => float);
  const found = isFloat
    ? decimalRange(start, stop, step, MAX_CHOICES)
    : Array.from({ length: Math.max(0, count) }, (_, index) => start + index * step);
  if (found.length === 0) call.fail('this range is empty');
  if (found.length > MAX_CHOICES) call.fail(tooMany(count));
  const choices = found.map((value) => computed({ value, ...(isFloat ? { float: true as const } : {}) }));
  return choicesOf(choices, { range: spec });
}

function tooMany(count: number): string {
  return `this range has ${count} values; at most ${MAX_CHOICES} are allowed`;
}

function interval(call: Call): IntervalSweep {
  const bound = call.bind('start', 'end');
  const [start, end] = [bound.get('start'), bound.get('end')];
  if (start === undefined || end === undefined)
    return call.fail('interval() needs a start and an end', ['interval(0,1)']);
  const low = call.number(start, 'the start of interval()');
  const high = call.number(end, 'the end of interval()');
  return checkedInterval(call, { kind: 'interval', interval: { low, high, log: false, integer: false }, tags: [] });
}

function checkedInterval(call: Call, sweep: IntervalSweep): IntervalSweep {
  const { low, high, log } = sweep.interval;
  if (low >= high) call.fail(`the start of an interval is below its end, and ${low} is not below ${high}`);
  if (!Number.isFinite(high - low)) call.fail('the interval is too wide');
  if (log && low <= 0) call.fail(`an interval tagged log starts above 0, not at ${low}`);
  return sweep;
}

function glob(call: Call): GlobSweep {
  const bound = call.bind('include', 'exclude');
  const patterns = (name: string): string[] => {
    const element = bound.get(name);
    if (element === undefined) return [];
    const { value } = call.plain(element, `the ${name} of glob()`);
    const list = Array.isArray(value) ? value : [value];
    return list.map((item) =>
      typeof item === 'string' ? item : call.fail(`a pattern of glob() is text, not ${describeValue(item)}`),
    );
  };
  if (!bound.has('include')) call.fail('glob() needs a pattern', ['glob(*)']);
  return { kind: 'glob', include: patterns('include'), exclude: patterns('exclude') };
}

/** What is to be put in order: `sort(1,2)`, `sort(choice(1,2))`, `sort(sweep=…)`, `sort([1,2])`, `sort(list=[1,2])`. */
function subjectOf(call: Call): Choice | Choices {
  const given = [...call.values, ...['sweep', 'list'].flatMap((name) => call.named.get(name) ?? [])];
  const [only] = given;
  if (only === undefined) return call.fail(`${call.name}() needs values`);
  if (given.length > 1)
    return choicesOf(
      call.values.length === given.length
        ? call.plains()
        : call.fail(`${call.name}() takes values or a name, not both`),
      { plain: true },
    );
  if (!isSweep(only) || only.kind === 'choices') return only;
  return call.fail(`${call.name}() cannot order ${describe(only)}`);
}

function sort(call: Call): Element {
  const reverse = call.onlyNamed('sweep', 'list', 'reverse').get('reverse');
  const descending = reverse === undefined ? false : call.plain(reverse, 'reverse of sort()').value;
  if (typeof descending !== 'boolean') return call.fail('reverse of sort() is true or false');
  const inOrder = <T>(items: readonly T[], valueOf: (item: T) => Typed['value']): T[] =>
    sorted(items, valueOf, descending) ?? call.fail('these values have no order among one another');
  const subject = subjectOf(call);
  if (isSweep(subject)) {
    const { choices, tags, plain } = subject;
    return choicesOf(
      inOrder(choices, ({ value }) => value),
      { tags, ...(plain ? { plain } : {}) },
    );
  }
  return Array.isArray(subject.value) ? computed({ value: inOrder(subject.value, (value) => value) }) : subject;
}

function shuffle(call: Call): Element {
  call.onlyNamed('sweep', 'list');
  const subject = subjectOf(call);
  if (isSweep(subject)) {
    const { choices, tags, plain } = subject;
    return choicesOf(shuffled(choices), { tags, ...(plain ? { plain } : {}) });
  }
  const { value } = subject;
  return computed({ value: Array.isArray(value) ? shuffled(value) : [value] });
}

/** `tag(word, …, sweep)` */
function tag(call: Call): Element {
  const named = call.onlyNamed('sweep').get('sweep');
  const words = named === undefined ? call.values.slice(0, -1) : call.values;
  const sweep = named ?? call.values.at(-1);
  const hint = ['tag(log,interval(1e-4,1e-2))'];
  if (sweep === undefined || !isSweep(sweep) || sweep.kind === 'glob' || call.values.length === 0) {
    return call.fail('tag() takes words, and then choice(), range() or interval()', hint);
  }
  const tags = words.map((word) => {
    const { value } = call.plain(word, 'a word of tag()');
    return typeof value === 'string' ? value : call.fail(`a word of tag() is text, not ${describeValue(value)}`);
  });
  const all = [...new Set(tags)];
  if (sweep.kind === 'choices') return { ...sweep, tags: all };
  const log = all.includes('log');
  return checkedInterval(call, {
    kind: 'interval',
    interval: { ...sweep.interval, log },
    tags: all.filter((word) => word !== 'log'),
  });
}

function cast(name: Cast, call: Call): Element {
  const { fail } = call;
  const named = call.onlyNamed('value').get('value');
  if (named !== undefined && call.values.length > 0) fail(`the value of ${name}() is given twice`);
  const subject = named ?? (call.values.length > 1 ? choicesOf(call.plains(), { plain: true }) : call.values[0]);
  if (subject === undefined) return fail(`${name}() takes one value or more`);
  const each = (typed: Typed): Choice => {
    const result = castTyped(name, typed);
    return result === undefined ? fail(`${name}() cannot read ${describeValue(typed.value)}`) : computed(result);
  };
  if (!isSweep(subject)) return each(subject);
  if (subject.kind === 'choices' && subject.range === undefined)
    return { ...subject, choices: subject.choices.map(each) };
  const isNumber = name === 'int' || name === 'float';
  if (subject.kind === 'glob' || !isNumber) {
    return fail(`${name}() cannot read ${subject.kind === 'choices' ? 'a range' : describe(subject)}`);
  }
  if (subject.kind === 'choices') {
    const { start, stop, step } = subject.range!;
    return { ...numbers(call, { start: each(start), stop: each(stop), step: each(step) }), tags: subject.tags };
  }
  const { low, high, log } = subject.interval;
  const [from, to] = name === 'int' ? [Math.trunc(low) + 0, Math.trunc(high) + 0] : [low, high];
  return checkedInterval(call, {
    ...subject,
    interval: { low: from, high: to, log, integer: name === 'int' },
  });
}
