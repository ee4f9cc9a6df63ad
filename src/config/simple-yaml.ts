/**
 * YAML as osc itself writes it, read line by line: maps by indentation, a value or a list of values behind a key. Values are read by the
 * parser, each text once. A thousand configs take a tenth of the time that way, since the parser makes objects of every blank.
 */
import type { Value, ValueMap } from './value';

/** A map line: indentation, key, value. */
const KEY_LINE = /^( *)([A-Za-z_][\w-]{0,99}):(?: +(.*))?$/;
const ITEM_LINE = /^( *)- (.*)$/;
/** Anchors, aliases, tags, text over several lines, comments: what a line alone does not tell. */
const NEEDS_PARSER = /^[&*!|>#%@`?-]|#|&/;
const MAX_LINES = 5000;
const MAX_VALUE = 1000;
const MAX_DEPTH = 30;

/** A text of a value as it is read; undefined where it is none by itself. */
export type ReadValue = (text: string) => { readonly value: Value } | undefined;

interface OpenMap {
  readonly indent: number;
  readonly entries: Map<string, Open>;
}

type Open = { readonly value: Value } | { readonly map: OpenMap } | { readonly list: Value[]; readonly indent: number };

/** Undefined for a text that is not of so simple a form: the parser reads it, or says what is wrong with it. */
export function readSimpleYaml(text: string, readValue: ReadValue): ValueMap | undefined {
  const lines = text.split('\n', MAX_LINES + 1);
  if (lines.length > MAX_LINES) return undefined;
  const root: OpenMap = { indent: 0, entries: new Map() };
  const open: OpenMap[] = [root];
  /** The key of the line before, where nothing stands behind it: what is indented below it is its value. */
  let waiting: { readonly of: OpenMap; readonly key: string } | undefined;
  let list: { readonly items: Value[]; readonly indent: number } | undefined;
  for (const line of lines) {
    if (line === '') continue;
    const item = ITEM_LINE.exec(line);
    if (item) {
      const [, blanks, written] = item as unknown as [string, string, string];
      if (waiting !== undefined && blanks.length > waiting.of.indent) {
        list = { items: [], indent: blanks.length };
        waiting.of.entries.set(waiting.key, { list: list.items, indent: list.indent });
        waiting = undefined;
      }
      const read = list?.indent === blanks.length ? valueOf(written, readValue) : undefined;
      if (read === undefined) return undefined;
      list!.items.push(read.value);
      continue;
    }
    const [, blanks, key, written = ''] = KEY_LINE.exec(line) ?? [];
    if (blanks === undefined || key === undefined || key === '__proto__') return undefined;
    list = undefined;
    if (waiting !== undefined && blanks.length > waiting.of.indent) {
      const map: OpenMap = { indent: blanks.length, entries: new Map() };
      waiting.of.entries.set(waiting.key, { map });
      open.push(map);
      if (open.length > MAX_DEPTH) return undefined;
    }
    while (open.at(-1)!.indent > blanks.length) open.pop();
    const map = open.at(-1)!;
    if (map.indent !== blanks.length || map.entries.has(key)) return undefined;
    if (written.trim() === '') {
      waiting = { of: map, key };
      map.entries.set(key, { value: null });
      continue;
    }
    waiting = undefined;
    const read = valueOf(written, readValue);
    if (read === undefined) return undefined;
    map.entries.set(key, read);
  }
  return close(root);
}

function valueOf(text: string, readValue: ReadValue): { readonly value: Value } | undefined {
  return text.length > MAX_VALUE || NEEDS_PARSER.test(text) ? undefined : readValue(text);
}

function close({ entries }: OpenMap): ValueMap {
  return Object.fromEntries(
    Array.from(entries, ([key, open]) => [
      key,
      'value' in open ? open.value : 'list' in open ? open.list : close(open.map),
    ]),
  );
}
