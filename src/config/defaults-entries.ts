/** The entries of a defaults list, and the packages (keys of the config) that their files go to. */
import { UsageError } from '../sdk/errors';
import { describeOrigin, type Origin } from './origin';
import type { Selection } from './selection';
import { isBranch, type Tree } from './tree';
import { cut, describeValue, isMap, type Value } from './value';

/** `group: choice`, or a file by its path (`path`). */
export interface Entry {
  /** The group, or the path of the file; with a `/` in front from the root, else from the folder of the list. */
  readonly path: string;
  /** The file is named by its path: no choice can be made for it. */
  readonly fixed: boolean;
  /** Written after `@`. */
  readonly package?: string;
  readonly choices: readonly string[] | null;
  readonly optional: boolean;
  readonly override: boolean;
  readonly origin: Origin;
  /** Of an entry that no list has: a group that was added. */
  readonly selection?: Selection;
}

/** Where a list stands. */
export interface Place {
  /** Folder of the group. */
  readonly folder: string;
  readonly package: string;
}

/** An entry where it stands. */
export interface Placed {
  readonly entry: Entry;
  /** The group, or the folder of a file named by its path. */
  readonly group: string;
  /** What choices of it are made by: the group, with `@package` where that is not the group's own. */
  readonly key: string;
}

export function placeEntry(entry: Entry, place: Place): Placed {
  const path = entry.path.startsWith('/') ? entry.path.slice(1) : joinPath(place.folder, entry.path);
  const group = entry.fixed ? path.slice(0, Math.max(0, path.lastIndexOf('/'))) : path;
  const pkg = packageIn(place, entry, group, undefined);
  return { entry, group, key: keyOf(group, pkg) };
}

/** How a group is called whose package may not be its own. */
export function keyOf(group: string, pkg: string): string {
  return pkg === packageOf(group) ? group : `${group}@${pkg || '_global_'}`;
}

/**
 * The package of a file: what is written after `@`, else what the file's header says, else its folder as the list has it,
 * below the package of the list.
 */
export function packageIn(place: Place, entry: Entry, group: string, header: string | undefined, name = ''): string {
  const written = entry.package ?? (header === undefined || header === '_group_' ? undefined : `_global_.${header}`);
  const folder = entry.fixed ? entry.path.slice(0, Math.max(0, entry.path.lastIndexOf('/'))) : entry.path;
  return absolute(written ?? packageOf(folder), place.package, group, name);
}

/** The package a group has by its folder. */
export function packageOf(group: string): string {
  return group.replace(/^\//, '').replaceAll('/', '.');
}

/** A package as written (`_global_`, `_here_`, `_group_`, `_name_`, a key) to a dotted key. The last `_global_` starts anew. */
export function absolute(written: string, parent: string, group: string, name = ''): string {
  const own = packageOf(group);
  const whole = written.includes('_group_') ? `_global_.${written.replaceAll('_group_', own)}` : written;
  const parts = [...parent.split('.'), ...whole.split('.')].map((part) =>
    part === '_name_' ? name : part === '_here_' ? '' : part,
  );
  return parts
    .slice(parts.lastIndexOf('_global_') + 1)
    .filter((part) => part !== '')
    .join('.');
}

/** Hydra's own groups say how Hydra runs, logs and starts jobs. */
export function isHydras(group: string): boolean {
  return group === 'hydra' || group.startsWith('hydra/');
}

/** @throws UsageError for what is no list of entries */
export function readDefaults(list: Tree): (Entry | '_self_')[] {
  const place = describeOrigin(list.origin);
  if (isBranch(list) || !Array.isArray(list.value)) {
    throw new UsageError(
      `"defaults" in ${place} should be a list, e.g. [{ model: vit_global }, _self_].`,
      isBranch(list) ? undefined : `It is ${describeValue(list.value)}.`,
    );
  }
  const items = list.value.map((item) => (item === '_self_' ? item : readEntry(item, list.origin)));
  const selves = items.filter((item) => item === '_self_').length;
  if (selves > 1) throw new UsageError(`"defaults" in ${place} has _self_ twice.`);
  return selves === 1 ? items : [...items, '_self_'];
}

function readEntry(item: Value, origin: Origin): Entry {
  const wrong = (): never => {
    throw new UsageError(
      `"defaults" in ${describeOrigin(origin)} has an entry that cannot be read: ${describeValue(item)}.`,
      'An entry is the name of a file, { group: choice } or _self_.',
    );
  };
  if (typeof item === 'string') {
    const { path, package: pkg } = splitPackage(item);
    if (path === '' || path === '_self_') return wrong();
    return { path, ...pkg, fixed: true, choices: [], optional: false, override: false, origin };
  }
  const [only, ...more] = isMap(item) ? Object.entries(item) : [];
  if (only === undefined || more.length > 0) return wrong();
  const [key, value] = only;
  const words = key.trim().split(/\s+/);
  const { path, package: pkg } = splitPackage(words.pop() ?? '');
  if (path === '' || words.some((word) => word !== 'optional' && word !== 'override')) return wrong();
  const choices = value === null || Array.isArray(value) ? value : [value];
  if (choices?.some((choice) => typeof choice === 'object')) return wrong();
  if (Array.isArray(value) && value.some((choice) => String(choice).includes('${'))) {
    throw new UsageError(
      `"defaults" in ${describeOrigin(origin)} has an interpolation in the list of choices of ${path}.`,
      'As in Hydra it is the one choice of its group.',
    );
  }
  return {
    path,
    ...pkg,
    fixed: false,
    choices: choices === null ? null : choices.map(String),
    optional: words.includes('optional'),
    override: words.includes('override'),
    origin,
  };
}

/** `@` inside an interpolation is none of a package. */
function splitPackage(written: string): { path: string; package: { package?: string } } {
  const bare = written.replace(/\$\{[^}]*\}/g, (text) => '_'.repeat(text.length));
  const [path] = cut(bare, '@');
  const pkg = path.length < written.length ? written.slice(path.length + 1) : undefined;
  return { path: written.slice(0, path.length), package: pkg === undefined ? {} : { package: pkg } };
}

function joinPath(parent: string, path: string): string {
  return parent === '' ? path : `${parent}/${path}`;
}
