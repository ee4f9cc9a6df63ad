/**
 * Hydra's defaults lists: which files of groups make up a config, in which order and under which keys.
 *
 * As in Hydra a list is gone through from its end, so that an `override` (of an experiment, say) is known before the
 * entry that it overrides is read. Entries with `${…}` wait for the others of their list.
 */
import { UsageError } from '../sdk/errors';
import { didYouMean } from '../util/near-names';
import {
  type Entry,
  isHydras,
  keyOf,
  packageIn,
  absolute,
  type Place,
  placeEntry,
  readDefaults,
} from './defaults-entries';
import type { GroupFolders } from './groups';
import { describeOrigin, type Origin } from './origin';
import type { Selection } from './selection';
import { branch, type Branch, wrap } from './tree';

export { packageOf } from './defaults-entries';

/** What one file gives to the config. */
export interface Contribution {
  readonly tree: Branch;
  /** See {@link Selection.layer}. */
  readonly layer: number;
  /** `group/choice` */
  readonly name: string;
  /** The dotted key that it goes to. */
  readonly package: string;
}

export interface ComposedGroups {
  /** In the order of merging. */
  readonly contributions: readonly Contribution[];
  /** The choices made, by group (`group@package` where the package is not the group's own). */
  readonly choices: Readonly<Record<string, string>>;
  /** Entries that were left out, as they are Hydra's own. */
  readonly ignored: readonly { readonly group: string; readonly origin: Origin }[];
}

/** @throws UsageError for a missing group or choice, a list that cannot be read, two choices of one group */
export function composeGroups(
  folders: GroupFolders,
  primary: string,
  selections: readonly Selection[],
): ComposedGroups {
  const isAdded = ({ operation, choices }: Selection): boolean => operation === 'add' && choices !== null;
  let result = new Composer(folders, primary, selections).run(selections.filter(isAdded));
  const more = selections.filter(
    (selection) => selection.operation === 'either' && selection.choices !== null && !result.used.has(selection),
  );
  if (more.length > 0) {
    const added = selections.filter((selection) => isAdded(selection) || more.includes(selection));
    result = new Composer(folders, primary, selections).run(added);
  }
  if (result.unused) throw result.unused;
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
  const { contributions, unused } = new Composer(folders, null, []).run(selections);
  if (unused) throw unused;
  return contributions.map(({ tree }) => tree);
}

interface Result extends ComposedGroups {
  readonly used: ReadonlySet<Selection>;
  /** For an `override` of a list that nothing has. */
  readonly unused: UsageError | undefined;
}

/** A choice that replaces the one in a list. */
interface Choice {
  readonly key: string;
  readonly choices: readonly string[] | null;
  readonly origin: Origin;
  readonly layer: number;
  /** What it comes from: the command line or the config file, or else an `override` in a list. */
  readonly selection?: Selection;
}

/** More than any config needs; lists that lead on and on end here. */
const MAX_FILES = 1_000;
const MAX_DEPTH = 32;

class Composer {
  readonly #overrides: Choice[];
  readonly #deletions: Choice[];
  readonly #used = new Set<Choice>();
  readonly #seen = new Map<string, Origin>();
  readonly #choices: [string, string][] = [];
  readonly #ignored: { group: string; origin: Origin }[] = [];
  readonly #stack: string[] = [];
  #files = 0;

  constructor(
    readonly folders: GroupFolders,
    /** The file that it all starts from; null for none. */
    readonly primary: string | null,
    selections: readonly Selection[],
  ) {
    const choices = selections
      .filter(({ operation }) => operation !== 'add')
      .map((selection) => {
        const { group, package: pkg, origin, layer } = selection;
        const key = pkg === undefined ? group : keyOf(group, absolute(pkg, '', group));
        return { key, choices: selection.choices, origin, layer, selection };
      })
      .reverse();
    this.#overrides = choices.filter(({ selection }) => selection.operation !== 'delete');
    this.#deletions = choices.filter(({ selection }) => selection.operation === 'delete');
  }

  run(added: readonly Selection[]): Result {
    const more = added.map((selection): Entry => ({
      path: `/${selection.group}`,
      fixed: false,
      ...(selection.package === undefined ? {} : { package: `_global_.${selection.package}` }),
      choices: selection.choices,
      optional: false,
      override: false,
      origin: selection.origin,
      selection,
    }));
    const root: Place = { folder: '', package: '' };
    const origin: Origin = { kind: 'group', file: this.primary ?? '' };
    const contributions =
      this.primary === null
        ? this.#expandList(more, root, { layer: 0, inInterpolation: false })
        : this.#expandFile('', this.primary, '', { origin, layer: 0, inInterpolation: false }, more);
    const unused = this.#overrides.find((choice) => choice.selection === undefined && !this.#used.has(choice));
    const used = new Set<Selection>();
    for (const { selection } of this.#used) if (selection) used.add(selection);
    return {
      contributions,
      choices: Object.fromEntries(this.#choices.reverse()),
      used,
      ignored: this.#ignored,
      unused: unused && this.#unusedOverride(unused),
    };
  }

  /** @param from who asks for the file */
  #expandFile(
    group: string,
    choice: string,
    pkg: string | ((header?: string) => string),
    from: From,
    more: readonly Entry[] = [],
  ): Contribution[] {
    const { file, tree, packageHeader } = this.folders.load(group, choice, from.origin);
    if (this.#stack.includes(file)) {
      throw new UsageError(`The defaults list in ${describeOrigin({ kind: 'group', file })} leads back to itself.`);
    }
    if (++this.#files > MAX_FILES || this.#stack.length > MAX_DEPTH) {
      throw new UsageError(
        `The defaults lists lead to more than ${MAX_FILES} files or ${MAX_DEPTH} lists in one another, at last to ${describeOrigin({ kind: 'group', file })}.`,
      );
    }
    this.#stack.push(file);
    const ownPackage = typeof pkg === 'string' ? pkg : pkg(packageHeader);
    const list = tree.children.get('defaults');
    const body = branch(
      tree.origin,
      [...tree.children].filter(([key]) => key !== 'defaults'),
    );
    const own: Contribution = {
      tree: wrap(ownPackage, body),
      layer: from.layer,
      name: group === '' ? choice : `${group}/${choice}`,
      package: ownPackage,
    };
    const items = list === undefined ? ['_self_' as const] : readDefaults(list);
    const place: Place = { folder: group, package: ownPackage };
    const found = this.#expandList([...items, ...more], place, from, own);
    this.#stack.pop();
    return found;
  }

  #expandList(
    items: readonly (Entry | '_self_')[],
    place: Place,
    from: Omit<From, 'origin'>,
    own?: Contribution,
  ): Contribution[] {
    const placed = items.map((item) => (item === '_self_' ? item : placeEntry(item, place)));
    for (const item of placed) {
      if (item === '_self_' || !item.entry.override) continue;
      const { entry, group, key } = item;
      if (isHydras(group)) this.#ignored.push({ group, origin: entry.origin });
      else if (from.inInterpolation) {
        throw new UsageError(
          `The defaults list in ${describeOrigin(entry.origin)} overrides the config group ${key}, but an interpolation chose the file.`,
          'As in Hydra all groups are known by then.',
        );
      } else this.#overrides.push({ key, choices: entry.choices, origin: entry.origin, layer: from.layer });
    }
    const parts = new Map<number, Contribution[]>();
    const waiting: number[] = [];
    for (const index of [...items.keys()].reverse()) {
      const item = placed[index]!;
      if (item === '_self_') parts.set(index, own ? [own] : []);
      else if (isHydras(item.group)) {
        if (!item.entry.override) this.#ignored.push({ group: item.group, origin: item.entry.origin });
      } else if (!item.entry.override) {
        const layer = item.entry.selection?.layer ?? from.layer;
        const entry = { ...item.entry, ...this.#chosen(item.key, item.entry) };
        if (isInterpolated(entry)) waiting.push(index);
        else parts.set(index, this.#expandEntry(entry, place, { ...from, layer }));
      }
    }
    for (const index of waiting) {
      const item = placed[index]!;
      if (item === '_self_') continue;
      const layer = item.entry.selection?.layer ?? from.layer;
      const entry = { ...item.entry, ...this.#chosen(item.key, item.entry) };
      const known = Object.fromEntries(this.#choices);
      const resolved = {
        ...entry,
        path: fillIn(entry.path, known, entry.origin),
        choices: entry.choices?.map((choice) => fillIn(choice, known, entry.origin)) ?? null,
      };
      parts.set(index, this.#expandEntry(resolved, place, { ...from, layer, inInterpolation: true }));
    }
    return [...items.keys()].flatMap((index) => parts.get(index) ?? []);
  }

  /** What counts instead of an entry's own choice: that of the last layer, of one layer the one outside the lists. */
  #chosen(key: string, entry: Entry): Pick<Entry, 'choices' | 'origin'> {
    if (entry.fixed) return entry;
    const matching = this.#overrides.filter((choice) => choice.key === key);
    for (const choice of matching) this.#used.add(choice);
    const [strongest] = [...matching].sort((a, b) => b.layer - a.layer);
    return strongest ?? entry;
  }

  #expandEntry(entry: Entry, place: Place, from: Omit<From, 'origin'>): Contribution[] {
    const { group, key } = placeEntry(entry, place);
    const { origin, choices } = entry;
    const packageFor = (choice: string) => (header?: string) => packageIn(place, entry, group, header, choice);
    if (entry.fixed) {
      const name = entry.path.slice(entry.path.lastIndexOf('/') + 1);
      return this.#expandFile(group, name, packageFor(name), { ...from, origin });
    }
    if (this.#isDeleted(key, choices)) return [];
    if (choices === null) return [];
    const before = this.#seen.get(key);
    if (before) {
      throw new UsageError(
        `The config group ${key} is chosen twice: by ${describeOrigin(origin)} and by ${describeOrigin(before)}.`,
        undefined,
        [`${group}=${choices.join(',')} without +`],
      );
    }
    this.#seen.set(key, origin);
    this.#choices.push([key, choices.join(',')]);
    const parts = [...choices].reverse().map((choice) => {
      if (choice === '???') {
        throw new UsageError(`The config group ${key} needs a choice, says ${describeOrigin(origin)}.`, undefined, [
          `${key}=NAME`,
          `osc config groups ${group}`,
        ]);
      }
      if (entry.optional && this.folders.find(group, choice) === undefined) return [];
      return this.#expandFile(group, choice, packageFor(choice), { ...from, origin });
    });
    return parts.reverse().flat();
  }

  #isDeleted(key: string, choices: readonly string[] | null): boolean {
    const deletion = this.#deletions.find(
      (candidate) =>
        candidate.key === key && (candidate.choices === null || String(candidate.choices) === String(choices)),
    );
    if (deletion) this.#used.add(deletion);
    return deletion !== undefined;
  }

  #unusedOverride({ key, choices, origin }: Choice): UsageError {
    const [group = ''] = key.split('@');
    const inUse = this.#choices.map(([name]) => name);
    const others = inUse.filter((name) => name.split('@')[0] === key.split('@')[0]);
    const isBelow = key.includes('@');
    return new UsageError(
      `The defaults list in ${describeOrigin(origin)} overrides the config group ${key}, which is not in use.`,
      others.length > 0
        ? `In use is ${others.join(', ')}.${isBelow ? ' With "# @package _global_" in its first line a file speaks of the whole config.' : ''}`
        : didYouMean(key, inUse),
      [`${group}: ${String(choices)} without "override"`],
    );
  }
}

interface From {
  readonly origin: Origin;
  readonly layer: number;
  readonly inInterpolation: boolean;
}

function isInterpolated({ path, choices }: Entry): boolean {
  return path.includes('${') || (choices?.some((choice) => choice.includes('${')) ?? false);
}

/** Of an entry of a list: the choices of other groups and the environment are all that is known. */
function fillIn(text: string, known: Readonly<Record<string, string>>, origin: Origin): string {
  return text.replace(/\$\{([^{}]*)\}/g, (whole, expression: string) => {
    const key = expression.trim();
    const variable = /^(?:oc\.)?env:([^,]*)(?:,(.*))?$/.exec(key);
    const found = variable
      ? (process.env[variable[1]!.trim()] ?? variable[2]?.trim())
      : Object.hasOwn(known, key)
        ? known[key]
        : undefined;
    if (found !== undefined) return found;
    throw new UsageError(
      `The defaults list in ${describeOrigin(origin)} has ${whole}, which cannot be worked out.`,
      `In a defaults list there are the choices made so far: ${Object.keys(known).join(', ') || 'none'}.`,
    );
  });
}

function notInList(selection: Selection, result: Result, folders: GroupFolders): UsageError {
  const { group, choices, operation, origin, package: pkg } = selection;
  const place = describeOrigin(origin);
  const inUse = Object.keys(result.choices);
  if (!folders.has(group)) return folders.missing(group, choices?.[0] ?? '', origin);
  const own = pkg === undefined ? group : keyOf(group, absolute(pkg, '', group));
  const others = inUse.filter((key) => key.split('@')[0] === group && key !== own);
  const instead = others.length > 0 ? `In use is ${others.join(', ')}.` : undefined;
  if (operation === 'delete') {
    const current = result.choices[own];
    if (current !== undefined) {
      return new UsageError(
        `The config group ${own} is ${current}, so ${place} cannot take ${String(choices)} out.`,
        undefined,
        [`~${own}`, `~${own}=${current}`],
      );
    }
    return new UsageError(
      `The config group ${own} is not in use, so ${place} cannot take it out.`,
      instead ?? didYouMean(group, inUse) ?? `In use are ${inUse.join(', ')}.`,
      ['osc config groups'],
    );
  }
  return new UsageError(
    `The config group ${own} is not in use, so ${place} cannot change its choice.`,
    instead ?? 'A group is added with a + before it.',
    [`+${own}=${choices?.join(',') ?? 'NAME'}`, ...others.map((key) => `${key}=${choices?.join(',') ?? 'NAME'}`)],
  );
}
