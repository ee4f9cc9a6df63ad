/** The folders of config groups: `GROUP/CHOICE.yaml`, the user's before those that come with osc. */
import { readdirSync, realpathSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { UsageError } from '../sdk/errors';
import { didYouMean } from '../util/near-names';
import { describeOrigin, displayPath, type Origin } from './origin';
import { readYamlFile, type YamlFile } from './yaml';

const ENDING = /\.ya?ml$/;
/** `configDirs: [.]` may be meant. */
const SKIPPED = /^(\.|node_modules$)/;
/** `configDirs: [/]` would be all there is. */
const MAX_ENTRIES = 10_000;

export class GroupFolders {
  readonly #files = new Map<string, YamlFile>();
  readonly #choices = new Map<string, Map<string, string>>();
  readonly #folders = new Set<string>();
  #entries = 0;

  /** @param roots folders of groups; of two files for one choice that of the later folder counts */
  constructor(readonly roots: readonly string[]) {
    for (const root of roots) this.#scan(root, '');
    // a folder that holds only folders is not listed: nothing can be chosen right there
    for (const [group, choices] of this.#choices) if (choices.size === 0) this.#choices.delete(group);
  }

  /** @param parents the folders above, by what they really are: a link may lead back to one */
  #scan(dir: string, group: string, parents: readonly string[] = []): void {
    const { real, names } = listFolder(dir);
    if (parents.includes(real)) return;
    this.#entries += names.length;
    if (this.#entries > MAX_ENTRIES) {
      throw new UsageError(
        `The folders of config groups have more than ${MAX_ENTRIES} files.`,
        `Is ${displayPath(this.roots.find((root) => dir.startsWith(root)) ?? dir)} one? "configDirs" names them.`,
      );
    }
    this.#folders.add(group);
    const choices = this.#choices.get(group) ?? new Map<string, string>();
    this.#choices.set(group, choices);
    for (const name of names.filter((entry) => !SKIPPED.test(entry))) {
      const path = join(dir, name);
      if (isFolder(path)) this.#scan(path, group === '' ? name : `${group}/${name}`, [...parents, real]);
      else if (ENDING.test(name)) choices.set(name.replace(ENDING, ''), path);
    }
  }

  /** Every group, sorted. */
  get groups(): string[] {
    return [...this.#choices.keys()].filter((group) => group !== '').sort();
  }

  /** Also for a folder of folders, whose choices are `folder/name`. */
  has(group: string): boolean {
    return group !== '' && this.#folders.has(group);
  }

  /** The choices of a group, sorted, with their files. */
  choices(group: string): ReadonlyMap<string, string> {
    return new Map([...(this.#choices.get(group) ?? [])].sort(([a], [b]) => (a < b ? -1 : 1)));
  }

  /** The file of a choice. `group` is empty for primary configs. */
  find(group: string, choice: string): string | undefined {
    const { folder, name } = splitChoice(group, choice);
    return this.#choices.get(folder)?.get(name);
  }

  /** @throws UsageError with near names, if there is no such group or choice */
  load(group: string, choice: string, origin: Origin): YamlFile & { file: string } {
    const file = this.find(group, choice);
    if (file === undefined) throw this.missing(group, choice, origin);
    let loaded = this.#files.get(file);
    if (!loaded) {
      loaded = readYamlFile(file, 'group');
      this.#files.set(file, loaded);
    }
    return { ...loaded, file };
  }

  /** @param more other names that could have been written, such as components without a file */
  missing(group: string, choice: string, origin: Origin, more: readonly string[] = []): UsageError {
    const place = describeOrigin(origin);
    if (group !== '' && !this.has(group)) {
      return new UsageError(
        `There is no config group ${group}, chosen by ${place}.`,
        didYouMean(group, this.groups) ?? `The groups are ${this.groups.join(', ')}.`,
        ['osc config groups'],
      );
    }
    const below = [...this.#choices].flatMap(([folder, choices]) =>
      folder.startsWith(`${group}/`) && choice.includes('/')
        ? [...choices.keys()].map((name) => `${folder.slice(group.length + 1)}/${name}`)
        : [],
    );
    const names = [...new Set([...this.choices(group).keys(), ...below, ...more])];
    const what = group === '' ? `no config ${choice}` : `no choice "${choice}" in the config group ${group}`;
    const where = this.roots.map((root) => displayPath(join(root, group))).join(', ');
    return new UsageError(
      `There is ${what}, chosen by ${place}.`,
      didYouMean(choice, names) ?? `The choices are ${names.join(', ')} (looked in ${where}).`,
      [group === '' ? 'osc config groups' : `osc config groups ${group}`],
    );
  }
}

/** A choice may be `sub/name`, as in Hydra: a file in a folder below that of the group. */
function splitChoice(group: string, choice: string): { folder: string; name: string } {
  const path = (group === '' ? choice : `${group}/${choice}`).replace(ENDING, '');
  const slash = path.lastIndexOf('/');
  return { folder: path.slice(0, Math.max(0, slash)), name: path.slice(slash + 1) };
}

/** A link that leads nowhere is none: it is told of when it is chosen. */
function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    return false;
  }
}

function listFolder(dir: string): { real: string; names: string[] } {
  try {
    return { real: realpathSync(dir), names: readdirSync(dir).sort() };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return { real: dir, names: [] };
    const why = error instanceof Error ? error.message : String(error);
    throw new UsageError(`The folder ${displayPath(dir)} cannot be read.`, why, [], { cause: error });
  }
}
