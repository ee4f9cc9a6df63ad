/**
 * Hydra's defaults lists: which files of groups make up a config, in which order and under which keys.
 *
 * As in Hydra a list is gone through from its end, so that an `override` (of an experiment, say) is known before the
 * entry that it overrides is read.
 */
import { UsageError } from '../sdk/errors';
import { didYouMean } from '../util/near-names';
import type { GroupFolders } from './groups';
import { describeOrigin, type Origin } from './origin';
import type { Selection } from './selection';
import { branch, isBranch, type Branch, type Tree, wrap } from './tree';
import { describeValue, isMap, cut, type Value } from './value';

/** What one file gives to the config. */
export interface Contribution {
  readonly tree: Branch;
  /** See {@link Selection.layer}. */
  readonly layer: number;
}

export interface ComposedGroups {
  /** In the order of merging. */
  readonly contributions: readonly Contribution[];
  /** The choices made, by group (`group@package` where the package is not the group's own). */
  readonly choices: Readonly<Record<string, string>>;
}

interface Entry {
  readonly group: string;
  readonly package: string;
  readonly choices: readonly string[] | null;
  /** An entry without a group: always this file, whatever is chosen. */
  readonly fixed?: true;
  readonly optional: boolean;
  readonly override: boolean;
  readonly origin: Origin;
  readonly layer: number;
}

/** @throws UsageError for a missing group or choice, a list that cannot be read, two choices of one group */
export function composeGroups(
  folders: GroupFolders,
  primary: string,
  selections: readonly Selection[],
): ComposedGroups {
  const first = new Composer(folders, primary, selections).run([]);
  const added = selections.filter(
    (selection) => ['add', 'either'].includes(selection.operation) && !first.used.has(selection) && selection.choices,
  );
  const result = added.length === 0 ? first : new Composer(folders, primary, selections).run(added);
  for (const selection of selections) {
    const mustMatch = selection.operation === 'set' || selection.operation === 'delete';
    if (mustMatch && !result.used.has(selection)) throw notInList(selection, result, folders);
  }
  return result;
}

/**
 * What some choices give by themselves, over a config that is there already.
 *
 * @throws UsageError for a missing group or choice
 */
export function composeChoices(folders: GroupFolders, selections: readonly Selection[]): readonly Branch[] {
  const { contributions } = new Composer(folders, null, []).run(selections);
  return contributions.map(({ tree }) => tree);
}

interface Result extends ComposedGroups {
  readonly used: ReadonlySet<Selection>;
}

class Composer {
  readonly #overrides: {
    group: string;
    package?: string;
    choices: readonly string[] | null;
    source: Selection | Entry;
  }[];
  readonly #used = new Set<Selection | Entry>();
  readonly #seen = new Map<string, Origin>();
  readonly #choices: Record<string, string> = {};
  readonly #contributions: Contribution[] = [];
  readonly #stack: string[] = [];
  readonly #nested: Entry[] = [];

  constructor(
    readonly folders: GroupFolders,
    /** The file that it all starts from; null for none. */
    readonly primary: string | null,
    selections: readonly Selection[],
  ) {
    // the last layer that has a say on a group wins
    this.#overrides = selections
      .filter(({ operation }) => operation !== 'add')
      .map((source) => ({
        group: source.group,
        ...(source.package === undefined ? {} : { package: source.package }),
        choices: source.choices,
        source,
      }))
      .reverse();
  }

  run(added: readonly Selection[]): Result {
    const entries = added.map((selection): Entry => ({
      group: selection.group,
      package:
        selection.package === undefined ? packageOf(selection.group) : absolute(selection.package, '', selection.group),
      choices: selection.choices,
      optional: false,
      override: false,
      origin: selection.origin,
      layer: selection.layer,
    }));
    for (const entry of entries.reverse()) this.#expandEntry(entry);
    if (this.primary !== null) this.#expandFile('', this.primary, '', { kind: 'group', file: this.primary }, 0);
    for (const entry of this.#nested) {
      if (!this.#used.has(entry)) {
        throw new UsageError(
          `The defaults list in ${describeOrigin(entry.origin)} overrides the config group ${entry.group}, which is not in use.`,
          undefined,
          [`${entry.group}: ${String(entry.choices)} without "override"`],
        );
      }
    }
    const used = new Set<Selection>();
    for (const source of this.#used) if ('operation' in source) used.add(source);
    const choices = Object.fromEntries(Object.entries(this.#choices).reverse());
    return { contributions: this.#contributions.reverse(), choices, used };
  }

  #expandEntry(entry: Entry): void {
    if (entry.fixed) {
      for (const choice of entry.choices ?? []) {
        this.#expandFile(entry.group, choice, entry.package, entry.origin, entry.layer);
      }
      return;
    }
    const own = entry.package === packageOf(entry.group);
    const name = own ? entry.group : `${entry.group}@${entry.package || '_global_'}`;
    const matching = this.#overrides.filter(
      ({ group, package: pkg }) =>
        group === entry.group && (pkg === undefined || absolute(pkg, '', group) === entry.package),
    );
    for (const { source } of matching) this.#used.add(source);
    matching.sort((a, b) => b.source.layer - a.source.layer);
    const [strongest] = matching;
    const choices = strongest ? strongest.choices : entry.choices;
    const origin = strongest?.source.origin ?? entry.origin;
    if (choices === null) return;
    const before = this.#seen.get(name);
    if (before) {
      throw new UsageError(
        `The config group ${name} is chosen twice: by ${describeOrigin(origin)} and by ${describeOrigin(before)}.`,
        undefined,
        [`${entry.group}=${choices.join(',')} without +`],
      );
    }
    this.#seen.set(name, origin);
    this.#choices[name] = choices.join(',');
    for (const choice of [...choices].reverse()) {
      if (choice === '???') {
        throw new UsageError(`The config group ${name} needs a choice, says ${describeOrigin(origin)}.`, undefined, [
          `osc config groups ${entry.group}`,
        ]);
      }
      if (entry.optional && this.folders.find(entry.group, choice) === undefined) continue;
      this.#expandFile(entry.group, choice, entry.package, origin, entry.layer);
    }
  }

  #expandFile(group: string, choice: string, pkg: string, origin: Origin, layer: number): void {
    const { file, tree, packageHeader } = this.folders.load(group, choice, origin);
    if (this.#stack.includes(file)) {
      throw new UsageError(`The defaults list in ${describeOrigin({ kind: 'group', file })} leads back to itself.`);
    }
    this.#stack.push(file);
    const ownPackage =
      packageHeader === undefined || pkg !== packageOf(group) ? pkg : absolute(packageHeader, '', group, choice);
    const list = tree.children.get('defaults');
    const body = branch(
      tree.origin,
      [...tree.children].filter(([key]) => key !== 'defaults'),
    );
    const items = list === undefined ? ['_self_' as const] : this.#readList(list, group, ownPackage, layer);
    for (const item of items) {
      if (item === '_self_' || !item.override) continue;
      this.#nested.push(item);
      const explicit = item.package === packageOf(item.group) ? {} : { package: item.package || '_global_' };
      this.#overrides.push({ group: item.group, ...explicit, choices: item.choices, source: item });
    }
    for (const item of [...items].reverse()) {
      if (item === '_self_') {
        this.#contributions.push({ tree: wrap(ownPackage, body), layer });
      } else if (!item.override) this.#expandEntry(item);
    }
    this.#stack.pop();
  }

  #readList(list: Tree, group: string, pkg: string, layer: number): (Entry | '_self_')[] {
    const place = describeOrigin(list.origin);
    if (isBranch(list) || !Array.isArray(list.value)) {
      throw new UsageError(
        `"defaults" in ${place} should be a list, e.g. [{ model: vit_global }, _self_].`,
        isBranch(list) ? undefined : `It is ${describeValue(list.value)}.`,
      );
    }
    const items = list.value.map((item) =>
      item === '_self_' ? item : this.#readItem(item, { group, pkg, layer, origin: list.origin }),
    );
    const selves = items.filter((item) => item === '_self_').length;
    if (selves > 1) throw new UsageError(`"defaults" in ${place} has _self_ twice.`);
    return selves === 1 ? items : [...items, '_self_'];
  }

  #readItem(item: Value, parent: { group: string; pkg: string; layer: number; origin: Origin }): Entry {
    const wrong = (): never => {
      throw new UsageError(
        `"defaults" in ${describeOrigin(parent.origin)} has an entry that cannot be read: ${describeValue(item)}.`,
        'An entry is the name of a file, { group: choice } or _self_.',
      );
    };
    if (typeof item === 'string') {
      // a file of this group or of one below it, always the same
      const [path, at] = cut(item, '@');
      const file = join(parent.group, path);
      const slash = file.lastIndexOf('/');
      const group = file.slice(0, Math.max(0, slash));
      const choice = file.slice(slash + 1);
      return {
        group,
        package: at === undefined ? parent.pkg : absolute(at, parent.pkg, group, choice),
        choices: [choice],
        fixed: true,
        optional: false,
        override: false,
        origin: parent.origin,
        layer: parent.layer,
      };
    }
    const [only, ...more] = isMap(item) ? Object.entries(item) : [];
    if (only === undefined || more.length > 0) return wrong();
    const [key, value] = only;
    const words = key.trim().split(/\s+/);
    const [path, at] = cut(words.pop() ?? '', '@');
    if (words.some((word) => word !== 'optional' && word !== 'override')) return wrong();
    const choices = value === null || Array.isArray(value) ? value : [value];
    if (choices?.some((choice) => typeof choice === 'object')) return wrong();
    const group = join(parent.group, path);
    const below = path.startsWith('/') ? packageOf(group) : joinKeys(parent.pkg, packageOf(path));
    return {
      group,
      package: at === undefined ? below : absolute(at, parent.pkg, group),
      choices: choices === null ? null : choices.map(String),
      optional: words.includes('optional'),
      override: words.includes('override'),
      origin: parent.origin,
      layer: parent.layer,
    };
  }
}

/** The package a group has by its folder. */
export function packageOf(group: string): string {
  return group.replace(/^\//, '').replaceAll('/', '.');
}

function join(parent: string, path: string): string {
  if (path.startsWith('/')) return path.slice(1);
  return parent === '' ? path : `${parent}/${path}`;
}

function joinKeys(a: string, b: string): string {
  return [a, b].filter((part) => part !== '').join('.');
}

/** A package as written (`_global_`, `_here_`, `_group_`, `_name_`, a key) to a dotted key. */
function absolute(written: string, parent: string, group: string, name = ''): string {
  const parts = written.split('.');
  const global = parts[0] === '_global_';
  const expanded = (global ? parts.slice(1) : parts)
    .map((part) => (part === '_group_' ? packageOf(group) : part === '_name_' ? name : part === '_here_' ? '' : part))
    .filter((part) => part !== '')
    .join('.');
  return global ? expanded : joinKeys(parent, expanded);
}

function notInList(selection: Selection, result: Result, folders: GroupFolders): UsageError {
  const { group, choices, operation, origin } = selection;
  const place = describeOrigin(origin);
  const inUse = Object.keys(result.choices);
  if (!folders.has(group)) return folders.missing(group, choices?.[0] ?? '', origin);
  if (operation === 'delete') {
    return new UsageError(
      `The config group ${group} is not in use, so ${place} cannot take it out.`,
      didYouMean(group, inUse) ?? `In use are ${inUse.join(', ')}.`,
      ['osc config groups'],
    );
  }
  return new UsageError(
    `The config group ${group} is not in use, so ${place} cannot change its choice.`,
    'A group is added with a + before it.',
    [`+${group}=${choices?.join(',') ?? 'NAME'}`],
  );
}
