/** YAML (and JSON, which is YAML) read with the line of every key. */
import {
  isAlias,
  isMap,
  isNode,
  isPair,
  isScalar,
  isSeq,
  LineCounter,
  parseDocument,
  type Node,
  type YAMLError,
  type YAMLMap,
} from 'yaml';
import { UsageError } from '../sdk/errors';
import { shortenText } from '../util/text';
import { describeOrigin, displayPath, type Origin } from './origin';
import { readConfigText } from './read-text';
import { branch, type Branch, isBranch, type Leaf, type Tree, valueOf } from './tree';
import type { Value } from './value';
import { resolveAliases, type Targets } from './yaml-aliases';
import { tooMuchYaml } from './yaml-limits';
import { readPlainScalar } from './yaml-scalars';

export interface YamlFile {
  readonly tree: Branch;
  /** `# @package NAME` in the comments at the top. */
  readonly packageHeader?: string;
}

/** @throws UsageError with file, line and column */
export function readYamlFile(file: string, kind: 'group' | 'file'): YamlFile {
  return parseYamlText(readConfigText(file), file, kind);
}

/** @throws UsageError with file, line and column */
export function parseYamlText(text: string, file: string, kind: 'group' | 'file'): YamlFile {
  const lines = new LineCounter();
  const failAt = (offset: number, why: string): never => {
    const { line, col } = lines.linePos(offset);
    throw new UsageError(`${displayPath(file)}:${line}:${col} cannot be read as YAML.`, why);
  };
  const tooMuch = tooMuchYaml(text);
  if (tooMuch !== undefined) throw new UsageError(`${displayPath(file)} cannot be read as a config.`, tooMuch);
  // twice the same key is told by us: the parser would compare each key with each
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, uniqueKeys: false });
  const problem = document.errors[0] ?? document.warnings[0];
  if (problem) {
    return failAt(problem.pos[0], explain(problem));
  }
  if (document.contents === null) return { tree: branch({ kind, file }), ...header(text) };
  const start = (node: unknown): number | undefined => (isNode(node) ? node.range?.[0] : undefined);
  const fail = (node: unknown, why: string): never => failAt(start(node) ?? 0, why);
  const originAt = (node: unknown): Origin => {
    const offset = start(node);
    return { kind, file, ...(offset === undefined ? {} : { line: lines.linePos(offset).line }) };
  };
  const targets = resolveAliases(document.contents, fail);
  const root = new Reader(targets, fail, originAt).read(document.contents);
  if (!isBranch(root)) {
    if (root.value === null) return { tree: branch({ kind, file }), ...header(text) };
    throw new UsageError(`${displayPath(file)} does not hold a map of keys and values.`);
  }
  return { tree: root, ...header(text) };
}

/** Characters of what is in the file, in a message. */
const MAX_SHOWN = 200;

/** What the parser says to programmers is said to people. */
function explain({ code, message }: YAMLError): string {
  if (message.startsWith('Maximum call stack')) return 'It is nested too deeply.';
  return code === 'MULTIPLE_DOCS'
    ? 'A second document begins there; a config is one.'
    : `${shortenText(message, MAX_SHOWN)}.`;
}

function header(text: string): { packageHeader?: string } {
  for (const line of text.split('\n')) {
    if (line.trim() !== '' && !line.trimStart().startsWith('#')) break;
    const name = /^#\s*@package\s*:?\s*(\S+)/.exec(line.trim())?.[1];
    if (name !== undefined) return { packageHeader: name };
  }
  return {};
}

const MAX_KEY = 300;

/** From the parser's nodes to a tree of values. */
class Reader {
  constructor(
    readonly targets: Targets,
    readonly fail: (node: unknown, why: string) => never,
    readonly originAt: (node: unknown) => Origin,
  ) {}

  /** @param from what stands for the place: the key, or an alias */
  read(node: unknown, from = node): Tree {
    if (isAlias(node)) return this.read(this.targets.get(node), from);
    const origin = this.originAt(from);
    if (isMap(node)) return branch(origin, this.#entries(node));
    if (isSeq(node)) return { origin, value: node.items.map((item) => this.#itemOf(item)) };
    return { origin, ...this.#scalar(node, origin) };
  }

  /** Lists are one value: their items have no place of their own. */
  #itemOf(item: unknown): Value {
    return valueOf(this.read(isPair(item) ? this.fail(item.key, 'A pair has no place in this list.') : item));
  }

  /** With what `<<` merges first, so that the map's own keys win. */
  #entries(map: YAMLMap): [string, Tree][] {
    const merged = map.items.flatMap(({ key, value }) => (isMergeKey(key) ? this.#merged(value, key) : []));
    const own = new Map<string, Tree>();
    for (const { key, value } of map.items) {
      if (isMergeKey(key)) continue;
      const name = this.#keyOf(key, map);
      if (own.has(name)) this.fail(key, `The keys of a map are unique, and "${name}" is there twice.`);
      own.set(name, this.read(value, key));
    }
    return [...merged, ...own];
  }

  /** Of a list of maps the first wins. */
  #merged(value: unknown, place: unknown): [string, Tree][] {
    const target = isAlias(value) ? this.targets.get(value) : value;
    if (isMap(target)) return this.#entries(target);
    if (isSeq(target)) {
      return [...target.items].reverse().flatMap((item) => {
        const inner = isAlias(item) ? this.targets.get(item) : item;
        return isMap(inner) ? this.#entries(inner) : this.fail(place, 'The list after "<<" should be one of maps.');
      });
    }
    return this.fail(place, 'After "<<" stands a map, or a list of maps.');
  }

  #keyOf(key: unknown, map: Node): string {
    const target = isAlias(key) ? this.targets.get(key) : key;
    if (!isScalar(target)) return this.fail(isNode(key) ? key : map, 'A key is a word, not a list or a map.');
    const name = target.type === 'PLAIN' ? target.source : target.value;
    if (typeof name !== 'string' || name === '') return this.fail(isNode(key) ? key : map, 'There is a key missing.');
    if (name.length > MAX_KEY) this.fail(key, `A key has at most ${MAX_KEY} characters.`);
    return name;
  }

  #scalar(node: unknown, origin: Origin): Pick<Leaf, 'value' | 'float'> {
    if (node === null) return { value: null };
    if (!isScalar(node)) return this.fail(node, 'It holds something that no config can have.');
    const isPlain = node.type === 'PLAIN' && node.tag === undefined;
    const read = isPlain ? readPlainScalar(node.source ?? '') : { value: node.value };
    const { value } = read;
    const isInteger = typeof value === 'number' && !('float' in read) && (isPlain || Number.isInteger(value));
    // hundreds of digits are Infinity
    if (isInteger && !Number.isSafeInteger(value)) {
      this.fail(
        node,
        `The integer ${shortenText(node.source ?? String(value), MAX_SHOWN)} is too large to be held exactly.`,
      );
    }
    if (value === null || ['string', 'number', 'boolean'].includes(typeof value)) return read as Pick<Leaf, 'value'>;
    throw new UsageError(`${describeOrigin(origin)} holds something that no config can have.`);
  }
}

/** In quotes it is a key like any other. */
function isMergeKey(key: unknown): boolean {
  return isScalar(key) && key.type === 'PLAIN' && key.tag === undefined && key.source === '<<';
}
