/** `${a.b}` (another key) and `${oc.env:NAME,default}` in text, one inside another too, as OmegaConf reads them. */
import type { ComponentCatalog } from '../sdk/catalog';
import { UsageError } from '../sdk/errors';
import { defaultsOf, over } from './defaults';
import { endOfInterpolation, parseValue, splitArguments } from './grammar';
import { describeOrigin } from './origin';
import { pythonText } from './python-text';
import { type Branch, find, isBranch, leaves, type Leaf, place, splitKey, type Tree, treeOf } from './tree';
import { countValues, isMap, splitLast, type Value } from './value';

/** Of one value: doubling of `${a}${a}` over a few keys would fill any memory. */
const MAX_CHARACTERS = 100_000;
const MAX_VALUES = 50_000;
/** Of all of the config. */
const MAX_VALUES_IN_ALL = 4 * MAX_VALUES;
const MAX_CHARACTERS_IN_ALL = 100 * MAX_CHARACTERS;
/** Keys that lead to one another. */
const MAX_STEPS = 100;

/**
 * Replaces every interpolation, in place. Keys that have their default can be named too.
 *
 * @throws UsageError for an unknown key or resolver, for a circle, and for what grows without end
 */
export async function interpolate(tree: Branch, catalog: ComponentCatalog): Promise<void> {
  const found = [...leaves(tree)].flatMap(([key, leaf]) =>
    !isBranch(leaf) && hasInterpolation(leaf.value) ? [{ key, leaf }] : [],
  );
  if (found.length === 0) return;
  const resolver = new Resolver(over(await defaultsOf(tree, catalog), tree));
  for (const { key, leaf } of found) {
    const { value, float } = resolver.leaf(key, leaf, []);
    resolver.count(value);
    const node = treeOf(value, leaf.origin);
    place(tree, key, isBranch(node) || !float ? node : { ...node, float: true });
  }
}

export function hasInterpolation(value: Value): boolean {
  if (typeof value === 'string') return value.includes('${');
  if (Array.isArray(value)) return value.some(hasInterpolation);
  return isMap(value) && Object.values(value).some(hasInterpolation);
}

interface Resolved {
  readonly value: Value;
  readonly float?: true | undefined;
}

class Resolver {
  readonly #known = new Map<Leaf, Resolved>();
  #values = 0;
  #characters = 0;

  constructor(readonly tree: Branch) {}

  /** What a value takes that stands for an interpolation: many of them may stand for the same. @throws UsageError */
  count(value: Value): void {
    this.#values += countValues(value, MAX_VALUES_IN_ALL);
    if (this.#values > MAX_VALUES_IN_ALL) throw tooMuch(`${MAX_VALUES_IN_ALL} values`);
  }

  /** Text that was put together. @throws UsageError */
  countText(text: string): void {
    this.#characters += text.length;
    if (this.#characters > MAX_CHARACTERS_IN_ALL) throw tooMuch(`${MAX_CHARACTERS_IN_ALL} characters of text`);
  }

  /** @param path the keys that led here */
  leaf(key: string, leaf: Leaf, path: readonly string[]): Resolved {
    if (!hasInterpolation(leaf.value)) return leaf;
    const known = this.#known.get(leaf);
    if (known) return known;
    if (path.includes(key))
      new Place(this, key, leaf, path).fail(`it leads back to itself by ${[...path, key].join(' → ')}`);
    const resolved = new Place(this, key, leaf, [...path, key]).resolve(leaf.value);
    this.#known.set(leaf, resolved);
    return resolved;
  }

  node(key: string, node: Tree, path: readonly string[]): Resolved {
    if (!isBranch(node)) return this.leaf(key, node, path);
    const entries = Array.from(node.children, ([name, child]) => {
      return [name, this.node(key === '' ? name : `${key}.${name}`, child, path).value] as const;
    });
    return { value: Object.fromEntries(entries) };
  }
}

function tooMuch(what: string): UsageError {
  return new UsageError(`With its interpolations worked out, the config would have more than ${what}.`);
}

/** One leaf that is being worked out. */
class Place {
  constructor(
    readonly resolver: Resolver,
    readonly key: string,
    readonly leaf: Leaf,
    readonly path: readonly string[],
  ) {
    if (path.length > MAX_STEPS) this.fail(`it leads through more than ${MAX_STEPS} keys`);
  }

  fail(problem: string, why?: string): never {
    throw new UsageError(`${this.key} (${describeOrigin(this.leaf.origin)}) cannot be worked out: ${problem}.`, why);
  }

  resolve(value: Value): Resolved {
    const resolved = typeof value === 'string' ? this.#text(value) : { value: this.#items(value) };
    // of a map that is named, too, which may name others
    if (countValues(resolved.value, MAX_VALUES) > MAX_VALUES) this.fail(`it grows to more than ${MAX_VALUES} values`);
    return resolved;
  }

  #items(value: Value): Value {
    if (typeof value === 'string') return this.#text(value).value;
    if (Array.isArray(value)) return value.map((item) => this.#items(item));
    if (!isMap(value)) return value;
    return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, this.#items(item)]));
  }

  /** One interpolation alone keeps its type; beside other text it becomes text. `\${` is no interpolation. */
  #text(text: string): Resolved {
    let written = '';
    let at = 0;
    for (;;) {
      const start = text.indexOf('${', at);
      if (start < 0) return { value: this.#checked(written + text.slice(at)) };
      let slashes = 0;
      while (start - slashes > at && text[start - slashes - 1] === '\\') slashes++;
      written += text.slice(at, start - slashes) + '\\'.repeat(slashes >> 1);
      if (slashes % 2 === 1) {
        written += '${';
        at = start + 2;
        continue;
      }
      const end = endOfInterpolation(text, start) ?? this.fail('"${" is not closed by "}"');
      const found = this.#expression(text.slice(start + 2, end - 1).trim());
      if (start === 0 && end === text.length) return found;
      written = this.#checked(written + this.#asText(found, text.slice(start, end)));
      at = end;
    }
  }

  #asText({ value, float }: Resolved, written: string): string {
    if (typeof value === 'object' && value !== null) {
      this.fail(`${written} is ${Array.isArray(value) ? 'a list' : 'a map'}, not text`);
    }
    return pythonText(value, float);
  }

  #checked(text: string): string {
    if (text.length > MAX_CHARACTERS) this.fail(`it grows to more than ${MAX_CHARACTERS} characters`);
    this.resolver.countText(text);
    return text;
  }

  #expression(written: string): Resolved {
    const colon = topLevelColon(written);
    if (colon === undefined) return this.#keyed(written);
    const name = String(this.#text(written.slice(0, colon)).value);
    const args = splitArguments(written.slice(colon + 1));
    const [first = '', fallback] = args;
    if (args.length > 2) this.fail(`\${${name}:…} takes a name and a default, not ${args.length} arguments`);
    switch (name) {
      case 'oc.env':
      case 'env': {
        const variable = String(this.#argument(first).value);
        const found = process.env[variable];
        if (found !== undefined) return { value: found };
        return fallback === undefined
          ? this.fail(`the environment variable ${variable} is not set`)
          : this.#argument(fallback);
      }
      case 'oc.decode': {
        const { value, float } = this.#argument(first);
        return typeof value === 'string' ? { value: this.#parsed(value) } : { value, float };
      }
      case 'oc.select': {
        const key = String(this.#argument(first).value);
        const target = this.#find(key);
        if (target !== undefined) return target;
        return fallback === undefined ? { value: null } : this.#argument(fallback);
      }
      default:
        return this.fail(
          `there is no resolver "${name}"`,
          'osc knows ${some.key}, ${oc.env:NAME,default}, ${oc.select:some.key,default} and ${oc.decode:text}.',
        );
    }
  }

  #argument(written: string): Resolved {
    const value = this.#parsed(written);
    if (typeof value === 'string') return this.#text(value);
    const isFloat = typeof value === 'number' && /[.e]/i.test(written) && !/^[[{'"]/.test(written);
    return { value: this.#items(value), ...(isFloat ? { float: true as const } : {}) };
  }

  #parsed(written: string): Value {
    try {
      return parseValue(written);
    } catch (error) {
      if (!(error instanceof UsageError)) throw error;
      return this.fail(`"${written}" cannot be read`, error.what.split('\n')[0]?.replace(/^.*cannot be read: /, ''));
    }
  }

  #keyed(written: string): Resolved {
    const key = String(this.#text(written).value).replace(/\[([^\][]*)\]/g, '.$1');
    return this.#find(key) ?? this.fail(`there is no value at \${${key}}`);
  }

  /** Dots at the start count from where this value stands: one is a neighbour, two one of the map above. */
  #find(written: string): Resolved | undefined {
    const dots = /^\.*/.exec(written)?.[0].length ?? 0;
    const rest = written.slice(dots);
    if (rest === '') return undefined;
    const names = splitKey(this.key);
    const above = dots === 0 ? [] : names.slice(0, Math.max(0, names.length - dots));
    if (dots > names.length) return undefined;
    const key = [...above, rest].join('.');
    const target = find(this.resolver.tree, key);
    if (target !== undefined) return this.resolver.node(key, target, this.path);
    const { parent, name } = splitLast(key);
    const list = find(this.resolver.tree, parent);
    if (list === undefined || isBranch(list) || !/^\d+$/.test(name)) return undefined;
    const { value } = this.resolver.leaf(parent, list, this.path);
    const item = Array.isArray(value) ? value[Number(name)] : undefined;
    return item === undefined ? undefined : { value: item };
  }
}

/** Of a resolver: not one of an interpolation inside. */
function topLevelColon(text: string): number | undefined {
  for (let i = 0; i < text.length; i++) {
    if (text.startsWith('${', i)) i = (endOfInterpolation(text, i) ?? text.length) - 1;
    else if (text[i] === ':') return i;
  }
  return undefined;
}
