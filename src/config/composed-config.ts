import { isScalar, isSeq } from 'yaml';
import { UsageError } from '../sdk/errors';
import { didYouMean } from '../util/near-names';
import { componentKeyAt } from './component-keys';
import { describeOrigin, type Origin } from './origin';
import type { OscConfig } from './schema';
import { type Branch, isBranch, splitKey, type Tree } from './tree';
import type { Validated } from './validate';
import { isMap, ownValue, type Value, type ValueMap } from './value';
import { configDocument, writtenConfig, YAML_FORM } from './written-config';

/** A valid config, and how it came about. */
export class ComposedConfig {
  readonly values: OscConfig;
  /** The overrides, in the grammar's own spelling: read again they give the same config. */
  readonly overrides: readonly string[];
  /** The choices of groups made. */
  readonly choices: Readonly<Record<string, string>>;
  /** What a user should know, though it is no mistake: overrides given again, settings of Hydra that are left out. */
  readonly notes: readonly string[];
  /** Made when it is asked for: of most jobs of a sweep nobody does. */
  #writtenValues: ValueMap | undefined;
  readonly #tree: Branch;
  readonly #components: Validated['components'];
  readonly #moved: Validated['moved'];

  constructor(parts: {
    validated: Validated;
    overrides: readonly string[];
    choices: Readonly<Record<string, string>>;
    tree: Branch;
    notes: readonly string[];
  }) {
    this.values = parts.validated.config;
    this.overrides = parts.overrides;
    this.choices = parts.choices;
    this.notes = parts.notes;
    this.#tree = parts.tree;
    this.#components = parts.validated.components;
    this.#moved = parts.validated.moved;
  }

  get #written(): ValueMap {
    return (this.#writtenValues ??= writtenConfig(this.values));
  }

  /** Where the value at a dotted key was written; the default of a schema where it was not. */
  origin(key: string): Origin {
    let node: Tree = this.#tree;
    const names = splitKey(this.#moved.get(key) ?? key);
    for (const [index, name] of names.entries()) {
      if (!isBranch(node)) {
        // a bare name, of a component whose options are defaults
        return name === 'name' ? node.origin : { kind: 'default', ...this.#componentOf(names, index) };
      }
      const child: Tree | undefined = node.children.get(name);
      if (child === undefined) return { kind: 'default', ...(name !== 'name' && this.#componentOf(names, index)) };
      node = child;
    }
    return node.origin;
  }

  /** The component whose schema gave a default, where `names` up to `index` were written and the rest was not. */
  #componentOf(names: readonly string[], index: number): { of?: string } {
    for (let end = names.length - 1; end >= index; end--) {
      const node = names.slice(0, end).join('.');
      const name = this.#components.get(node);
      if (name === undefined) continue;
      return componentKeyAt(node)?.parentKeys.includes(names[end] ?? '') ? {} : { of: name };
    }
    return {};
  }

  /** The value at a dotted key. @throws UsageError where there is none, with near ones */
  get(key: string): Value {
    let node: Value = this.#written;
    for (const [index, name] of splitKey(key).entries()) {
      const child = ownValue(node, name);
      if (child === undefined) {
        const parent = splitKey(key).slice(0, index).join('.');
        const here = isMap(node) ? Object.keys(node) : [];
        throw new UsageError(
          `There is no key ${key} in the config.`,
          didYouMean(name, here) ??
            (here.length > 0
              ? `${parent === '' ? 'The sections' : `The keys of ${parent}`} are ${here.join(', ')}.`
              : undefined),
          ['osc config show'],
        );
      }
      node = child;
    }
    return node;
  }

  /** Every value that is no map, by its dotted key. */
  *entries(pkg = ''): Generator<readonly [string, Value]> {
    yield* flatten(this.get(pkg), pkg);
  }

  /** YAML of the config or of one part of it; `origins` appends where each value comes from as a comment. */
  toYaml(pkg = '', { origins = false, cwd = process.cwd() }: { origins?: boolean; cwd?: string } = {}): string {
    const document = configDocument(this.get(pkg));
    if (origins) {
      for (const [key] of this.entries(pkg)) {
        const path = splitKey(pkg === '' ? key : key.slice(pkg.length + 1));
        const node = path.length === 0 ? document.contents : document.getIn(path, true);
        if (isScalar(node) || isSeq(node)) node.comment = ` ${describeOrigin(this.origin(key), cwd)}`;
      }
    }
    return document.toString(YAML_FORM);
  }
}

function* flatten(value: Value, key: string): Generator<readonly [string, Value]> {
  if (!isMap(value)) yield [key, value];
  else for (const [name, item] of Object.entries(value)) yield* flatten(item, key === '' ? name : `${key}.${name}`);
}
