/**
 * Hydra 1.3's override grammar. Beyond it: quoted keys of maps, `~` and letters of all scripts in bare text, and
 * integers that a double cannot hold are errors instead of being rounded.
 */
import { UsageError } from '../../sdk/errors';
import type { Value } from '../value';
import { endOfInterpolation } from './balanced';
import { expandKeyBraces } from './braces';
import { callFunction } from './functions';
import type { Operation, Override, Typed } from './override';
import { Scanner } from './scanner';

const MAX_OVERRIDES = 2_000;
const MAX_NAMES = 32;
const MAX_KEY = 300;

/** Reads overrides; a brace shorthand in a key (`a.{b,c}=1`) gives several. @throws UsageError with a caret */
export function parseOverrides(texts: readonly string[]): Override[] {
  if (texts.length > MAX_OVERRIDES) {
    throw new UsageError(`There are ${texts.length} overrides, and at most ${MAX_OVERRIDES} are allowed.`);
  }
  return texts.flatMap((text) => expandKeyBraces(text)).map(parseOverride);
}

/** @throws UsageError with a caret at the place where it cannot be read */
export function parseOverride(text: string): Override {
  const scanner = new Scanner(text);
  const operation = readOperation(scanner);
  const { key, pkg } = readKey(scanner);
  const head = { text, operation, key, ...(pkg === undefined ? {} : { package: pkg }) };
  if (scanner.done) {
    if (operation === 'delete') return head;
    scanner.fail('expected "=" and a value after the key', [`${text}=VALUE`, `~${key}`]);
  }
  scanner.expect('=', 'after the key');
  scanner.skipSpace();
  return { ...head, ...readValueOrChoices(scanner) };
}

/** Reads a value alone, e.g. of an environment variable. @throws UsageError */
export function parseValue(text: string): Value {
  const scanner = new Scanner(text);
  scanner.skipSpace();
  const { value, choices } = readValueOrChoices(scanner);
  if (choices !== undefined) scanner.fail('a list of choices is no value', [`[${text}]`]);
  return value ?? null;
}

function readOperation(scanner: Scanner): Operation {
  if (scanner.take('~')) return 'delete';
  if (scanner.take('++')) return 'force';
  if (scanner.take('+')) return 'add';
  return 'set';
}

const SEGMENT = /[\p{L}_][\p{L}\p{N}_-]*/uy;
const DOTTED = /[\p{L}_][\p{L}\p{N}_-]*(\.[\p{L}\p{N}_-]+)*/uy;

function readKey(scanner: Scanner): { key: string; pkg: string | undefined } {
  const start = scanner.position;
  let key = scanner.match(DOTTED);
  if (key === undefined) return scanner.fail(`expected a key, ${scanner.found()}`);
  if (scanner.peek() === '/' && !key.includes('.')) {
    while (scanner.take('/')) {
      const segment = scanner.match(SEGMENT);
      if (segment === undefined) scanner.fail(`expected the name of a group after "/", ${scanner.found()}`);
      key += `/${segment}`;
    }
  }
  if (scanner.peek() === '/') {
    const [mixed = ''] = scanner.text.slice(start).split('=');
    scanner.fail('a key has dots or slashes, not both', [mixed.replaceAll('/', '.'), mixed.replaceAll('.', '/')]);
  }
  if (scanner.peek() === '[') {
    scanner.fail('an item of a list cannot be set by itself: write the whole list', [`${key}=[…]`]);
  }
  if (key.length > MAX_KEY || key.split(/[./]/).length > MAX_NAMES) {
    scanner.fail(`the key has more than ${MAX_NAMES} names or ${MAX_KEY} characters`, [], start);
  }
  let pkg: string | undefined;
  if (scanner.take('@')) {
    pkg = scanner.match(DOTTED);
    if (pkg === undefined) scanner.fail(`expected a package after "@", ${scanner.found()}`);
  }
  if (!scanner.done && scanner.peek() !== '=') {
    scanner.fail(`expected "=" after the key, ${scanner.found()}`);
  }
  return { key, pkg };
}

function readValueOrChoices(scanner: Scanner): { value?: Value; float?: true; choices?: readonly Value[] } {
  if (scanner.done) return { value: '' };
  const first = readElement(scanner);
  const all = [first];
  while (nextIs(scanner, ',')) all.push(readElement(scanner));
  scanner.skipSpace();
  if (!scanner.done) unexpected(scanner);
  if (all.length === 1) return first;
  const choices = all.map(({ value }) =>
    value === undefined ? scanner.fail('choice() and range() stand alone, not among other choices', [], 0) : value,
  );
  return { choices };
}

/** Takes the punctuation with the white space around it. */
function nextIs(scanner: Scanner, literal: string): boolean {
  const before = scanner.position;
  scanner.skipSpace();
  if (scanner.take(literal)) {
    scanner.skipSpace();
    return true;
  }
  scanner.position = before;
  return false;
}

function unexpected(scanner: Scanner): never {
  const value = scanner.text.slice(scanner.text.indexOf('=') + 1);
  const key = scanner.text.slice(0, scanner.text.indexOf('='));
  const quoted = `"${key}='${value.replaceAll("'", "\\'")}'"`;
  return scanner.fail(`"${scanner.peek()}" is not expected here`, [`quote text with such characters: ${quoted}`]);
}

/** A value; or choices, from `choice()` and `range()`. */
type Element =
  (Typed & { readonly choices?: undefined }) | { readonly value?: undefined; readonly choices: readonly Value[] };

function readElement(scanner: Scanner): Element {
  const quote = scanner.peek();
  if (quote === "'" || quote === '"') return { value: readQuoted(scanner) };
  if (quote === '[') return { value: scanner.inside(() => readList(scanner)) };
  if (quote === '{') return { value: scanner.inside(() => readMap(scanner)) };
  const call = scanner.match(/[A-Za-z_][A-Za-z0-9_]*[ \t]*\(/y);
  if (call !== undefined) return scanner.inside(() => readCall(scanner, call.slice(0, -1).trim()));
  return readBare(scanner);
}

function readPlainElement(scanner: Scanner): Value {
  return readTyped(scanner).value;
}

function readTyped(scanner: Scanner): Typed {
  const start = scanner.position;
  const element = readElement(scanner);
  if (element.choices) return scanner.fail('choices cannot stand inside a list, map or function', [], start);
  return element;
}

function readCall(scanner: Scanner, name: string): Element {
  const start = scanner.position;
  const args: Typed[] = [];
  const named = new Map<string, Value>();
  scanner.skipSpace();
  if (!nextIs(scanner, ')')) {
    do {
      const keyword = scanner.match(/[A-Za-z_][A-Za-z0-9_]*[ \t]*=[ \t]*/y);
      const element = readTyped(scanner);
      if (keyword === undefined) args.push(element);
      else named.set(keyword.slice(0, keyword.indexOf('=')).trim(), element.value);
    } while (nextIs(scanner, ','));
    scanner.skipSpace();
    scanner.expect(')', `at the end of ${name}()`);
  }
  return callFunction(name, args, named, (problem, hints) => scanner.fail(problem, hints, start));
}

/** Backslashes count only before a quote: `\'` is a quote, `\\'` a backslash and the end. */
function readQuoted(scanner: Scanner): string {
  const start = scanner.position;
  const quote = scanner.peek();
  scanner.position++;
  let text = '';
  while (!scanner.done) {
    const slashes = scanner.match(/\\*/y) ?? '';
    if (scanner.peek() !== quote) {
      text += slashes + scanner.peek();
      scanner.position++;
      continue;
    }
    scanner.position++;
    text += '\\'.repeat(slashes.length >> 1);
    if (slashes.length % 2 === 0) return text;
    text += quote;
  }
  return scanner.fail(`the quote ${quote} that opens here is not closed`, [], start);
}

function readList(scanner: Scanner): Value[] {
  const items: Value[] = [];
  const start = scanner.position;
  scanner.take('[');
  scanner.skipSpace();
  if (nextIs(scanner, ']')) return items;
  do items.push(readPlainElement(scanner));
  while (nextIs(scanner, ','));
  closeBracket(scanner, ']', 'list', start);
  return items;
}

function readMap(scanner: Scanner): Value {
  const entries = new Map<string, Value>();
  const start = scanner.position;
  scanner.take('{');
  scanner.skipSpace();
  if (!nextIs(scanner, '}')) {
    do {
      const at = scanner.position;
      const key = readMapKey(scanner);
      if (entries.has(key)) scanner.fail(`the key "${key}" has two values`, [], at);
      if (!nextIs(scanner, ':')) scanner.fail(`expected ":" after the key "${key}", ${scanner.found()}`);
      entries.set(key, readPlainElement(scanner));
    } while (nextIs(scanner, ','));
    closeBracket(scanner, '}', 'map', start);
  }
  return Object.fromEntries(entries);
}

function closeBracket(scanner: Scanner, bracket: string, what: string, start: number): void {
  scanner.skipSpace();
  if (scanner.done) scanner.fail(`the ${what} that opens here is not closed by "${bracket}"`, [], start);
  if (!scanner.take(bracket)) scanner.fail(`expected "," or "${bracket}" in the ${what}, ${scanner.found()}`);
}

function readMapKey(scanner: Scanner): string {
  const quote = scanner.peek();
  if (quote === "'" || quote === '"') return readQuoted(scanner);
  const key = scanner.match(/[\p{L}\p{N}_/.+*%$@?|-]([\p{L}\p{N}_/.+*%$@?| -]*[\p{L}\p{N}_/.+*%$@?|-])?/uy);
  return key ?? scanner.fail(`expected a key, ${scanner.found()}`);
}

const INT = /^[+-]?(0|[1-9](_?[0-9])*)$/;
const POINT = '((0|[1-9](_?[0-9])*)\\.|(0|[1-9](_?[0-9])*)?\\.[0-9](_?[0-9])*)';
const FLOAT = new RegExp(`^[+-]?(${POINT}|((0|[1-9](_?[0-9])*)|${POINT})e[+-]?[0-9](_?[0-9])*)$`, 'i');
const INF = /^([+-]?)inf$/i;
const NAN = /^[+-]?nan$/i;

/** Text without quotes: null, a bool, a number or else a string; may hold spaces, escapes and `${…}`. */
function readBare(scanner: Scanner): Typed {
  const start = scanner.position;
  let text = '';
  let escaped = false;
  for (;;) {
    const interpolation = readInterpolation(scanner);
    const escape = interpolation === undefined ? scanner.match(/\\[\\()[\]{}:=, \t]/y) : undefined;
    const plain =
      (interpolation ?? escape) === undefined ? scanner.match(/[\p{L}\p{N}\p{M}_/\\+.$%*@?|:~ \t-]/uy) : undefined;
    if (interpolation !== undefined) text += interpolation;
    else if (escape !== undefined) {
      text += escape[1];
      escaped = true;
    } else if (plain !== undefined) text += plain;
    else break;
  }
  const trimmed = escaped ? text : text.trimEnd();
  if (text === '') return scanner.fail(`expected a value, ${scanner.found()}`);
  if (escaped) return { value: text };
  return typed(trimmed, (problem, hints) => scanner.fail(problem, hints, start));
}

/** As it is written, to its end; the braces, commas and quotes inside are its own. */
function readInterpolation(scanner: Scanner): string | undefined {
  const start = scanner.position;
  if (!scanner.text.startsWith('${', start)) return undefined;
  const end = endOfInterpolation(scanner.text, start);
  if (end === undefined) return scanner.fail('the "${" that opens here is not closed by "}"');
  scanner.position = end;
  return scanner.text.slice(start, end);
}

/** What a bare word means. */
function typed(text: string, fail: (problem: string, hints: string[]) => never): Typed {
  if (/^null$/i.test(text)) return { value: null };
  if (/^true$/i.test(text)) return { value: true };
  if (/^false$/i.test(text)) return { value: false };
  if (NAN.test(text)) return { value: NaN, float: true };
  const infinite = INF.exec(text);
  if (infinite) return { value: infinite[1] === '-' ? -Infinity : Infinity, float: true };
  const isInteger = INT.test(text);
  if (!isInteger && !FLOAT.test(text)) return { value: text };
  const value = Number(text.replaceAll('_', ''));
  if (!isInteger) return { value, float: true };
  if (!Number.isSafeInteger(value)) {
    fail(`the integer ${text} is too large to be held exactly`, [`'${text}' with quotes, if it is meant as text`]);
  }
  return { value: value + 0 }; // an integer has no negative zero
}

/** True if `text`, written without quotes, would be read as that very string. */
export function isBareText(text: string): boolean {
  if (!/^[\p{L}\p{N}_/.+*%$@?|~-]([\p{L}\p{N}_/.+*%$@?|: ~-]*[\p{L}\p{N}_/.+*%$@?|~-])?$/u.test(text)) return false;
  if (INT.test(text)) return false;
  return typed(text, () => null as never).value === text;
}
