/**
 * Hydra 1.3's override grammar. Beyond it: quoted keys of maps, `~` and letters of all scripts in bare text, and
 * integers that a double cannot hold are errors instead of being rounded.
 */
import { UsageError } from '../../sdk/errors';
import type { Value } from '../value';
import { endOfInterpolation } from './balanced';
import { expandKeyBraces } from './braces';
import { Call, type Element, type Fail, isSweep } from './call';
import { callFunction } from './functions';
import type { Choice, Operation, Override, Sweep, Typed } from './override';
import { Scanner } from './scanner';
import { typedWord } from './words';

const MAX_OVERRIDES = 2_000;
const MAX_NAMES = 32;
const MAX_KEY = 300;

/** Reads overrides; a brace shorthand in a key (`a.{b,c}=1`) gives several. @throws UsageError with a caret */
export function parseOverrides(texts: readonly string[]): Override[] {
  refuseTooMany(texts);
  return texts.flatMap((text) => expandKeyBraces(text)).map(parseOverride);
}

/** @throws UsageError */
export function refuseTooMany(texts: readonly string[]): void {
  if (texts.length <= MAX_OVERRIDES) return;
  throw new UsageError(`There are ${texts.length} overrides, and at most ${MAX_OVERRIDES} are allowed.`);
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
  return { ...head, ...readValueOrSweep(scanner) };
}

/** Reads a value alone, e.g. of an environment variable. @throws UsageError */
export function parseValue(text: string): Value {
  const scanner = new Scanner(text);
  scanner.skipSpace();
  const { value, sweep } = readValueOrSweep(scanner);
  if (sweep !== undefined) scanner.fail('a list of choices is no value', [`[${text}]`]);
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

function readValueOrSweep(scanner: Scanner): Pick<Override, 'value' | 'float' | 'sweep'> {
  if (scanner.done) return { value: '' };
  const first = readElement(scanner);
  const all = [first];
  while (nextIs(scanner, ',')) all.push(readElement(scanner));
  scanner.skipSpace();
  if (!scanner.done) unexpected(scanner);
  if (all.length === 1) return isSweep(first) ? { sweep: sweepOf(first) } : typedOf(first);
  const choices = all.map((element) =>
    isSweep(element)
      ? scanner.fail('a function that gives choices stands alone, not among other choices', [], 0)
      : element,
  );
  return { sweep: { kind: 'choices', choices, tags: [] } };
}

function typedOf({ value, float }: Typed): Typed {
  return { value, ...(float ? { float } : {}) };
}

function sweepOf(element: Exclude<Element, Choice>): Sweep {
  if (element.kind !== 'choices') return element;
  const { kind, choices, tags } = element;
  return { kind, choices, tags };
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

function readElement(scanner: Scanner): Element {
  const start = scanner.position;
  const call = scanner.match(/[A-Za-z_][A-Za-z0-9_]*[ \t]*\(/y);
  // what a function gives prints by itself
  if (call !== undefined) return scanner.inside(() => readCall(scanner, call.slice(0, -1).trim()));
  const typed = readSimple(scanner);
  return { ...typed, text: scanner.text.slice(start, scanner.position) };
}

function readSimple(scanner: Scanner): Typed {
  const opening = scanner.peek();
  if (opening === "'" || opening === '"') return { value: readQuoted(scanner) };
  if (opening === '[') return { value: scanner.inside(() => readList(scanner)) };
  if (opening === '{') return { value: scanner.inside(() => readMap(scanner)) };
  return readBare(scanner);
}

function readPlainElement(scanner: Scanner): Value {
  const start = scanner.position;
  const element = readElement(scanner);
  return isSweep(element) ? scanner.fail('choices cannot stand inside a list or map', [], start) : element.value;
}

function readCall(scanner: Scanner, name: string): Element {
  const start = scanner.position;
  const values: Element[] = [];
  const named = new Map<string, Element>();
  scanner.skipSpace();
  if (!nextIs(scanner, ')')) {
    do {
      const at = scanner.position;
      const keyword = scanner.match(/[A-Za-z_][A-Za-z0-9_]*[ \t]*=[ \t]*/y);
      const element = readElement(scanner);
      const argument = keyword?.slice(0, keyword.indexOf('=')).trim();
      if (argument === undefined) {
        if (named.size > 0) scanner.fail('a value without a name stands before those with one', [], at);
        values.push(element);
      } else {
        if (named.has(argument)) scanner.fail(`"${argument}" is given twice`, [], at);
        named.set(argument, element);
      }
    } while (nextIs(scanner, ','));
    scanner.skipSpace();
    scanner.expect(')', `at the end of ${name}()`);
  }
  const fail: Fail = (problem, hints) => scanner.fail(problem, hints, start);
  return callFunction(new Call(name, values, named, fail));
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

/** Text without quotes: null, a bool, a number or else a string; may hold spaces, escapes and `${…}`. */
function readBare(scanner: Scanner): Typed {
  const start = scanner.position;
  let text = '';
  let escaped = false;
  /** Without spaces at the end. */
  let whole = { text, position: start };
  for (;;) {
    const interpolation = readInterpolation(scanner);
    const escape = interpolation === undefined ? scanner.match(/\\[\\()[\]{}:=, \t]/y) : undefined;
    const plain =
      (interpolation ?? escape) === undefined
        ? scanner.match(/[\p{L}\p{N}\p{M}_/+.%*@?|:~-]+|[ \t]+|[\\$]/uy)
        : undefined;
    const part = interpolation ?? escape?.slice(1) ?? plain;
    if (part === undefined) break;
    text += part;
    if (escape !== undefined) escaped = true;
    if (plain?.trim() !== '') whole = { text, position: scanner.position };
  }
  if (whole.text === '') return scanner.fail(`expected a value, ${scanner.found()}`);
  scanner.position = whole.position;
  if (escaped) return { value: whole.text };
  return typedWord(whole.text, (problem, hints) => scanner.fail(problem, hints, start));
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
