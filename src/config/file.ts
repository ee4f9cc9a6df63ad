/** The config file of a project, found and read by cosmiconfig. Runs no code but that of a `.ts` or `.js` file. */
import { existsSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, extname, isAbsolute, join, resolve } from 'node:path';
import { cosmiconfig } from 'cosmiconfig';
import { UsageError } from '../sdk/errors';
import { expandHome } from '../util/home';
import { didYouMean } from '../util/near-names';
import { refuseCodeOfOthers } from './file-owner';
import { describeOrigin, displayPath, type Origin } from './origin';
import { checkConfigFile, readConfigText } from './read-text';
import { readScript } from './script-file';
import { branch, type Branch, isBranch, type Tree, valueOf } from './tree';
import { describeValue } from './value';
import { parseYamlText } from './yaml';

/** One file: the project's own, or one that it extends. */
export interface ConfigLayer {
  readonly file: string;
  /** Choices of groups: the node under `defaults`. */
  readonly defaults?: Tree;
  /** All keys but `extends`, `plugins`, `configDirs` and `defaults`. */
  readonly values: Branch;
}

export interface ConfigFile {
  /** Absolute path; null where there is no file. */
  readonly path: string | null;
  /** What {@link plugins} are resolved from: the file, else the working directory. */
  readonly from: string;
  /** Names of packages, and absolute paths, to enable; those of extended files first. */
  readonly plugins: readonly string[];
  /** Absolute paths of folders of groups, later ones win. */
  readonly configDirs: readonly string[];
  /** The most basic file first. */
  readonly layers: readonly ConfigLayer[];
}

const STEM = 'osc.config';
const SCRIPTS = ['.ts', '.mts', '.cts', '.js', '.mjs', '.cjs'];
const DATA = ['.json', '.yaml', '.yml'];
const OWN_KEYS = ['extends', 'plugins', 'configDirs', 'defaults', '$schema'];

/** Of a path or a package: longer ones are a mistake, and messages show them whole. */
const MAX_PATH = 1024;

const SEARCH_PLACES = [
  ...[...SCRIPTS, ...DATA].map((ending) => STEM + ending),
  '.oscrc',
  ...[...DATA, ...SCRIPTS].map((ending) => `.oscrc${ending}`),
];

/**
 * Finds the config file in `cwd` or above it, up to the folder with the `package.json`, and reads it with all that it
 * extends.
 *
 * @throws UsageError for a file that cannot be read or has the wrong form, and for two config files in one folder
 */
export async function loadConfigFile(cwd: string): Promise<ConfigFile> {
  const explorer = cosmiconfig('osc', {
    searchPlaces: SEARCH_PLACES,
    searchStrategy: 'project',
    ignoreEmptySearchPlaces: false,
    cache: false,
    mergeImportArrays: false,
    loaders: Object.fromEntries([...SCRIPTS, ...DATA, 'noExt'].map((ending) => [ending, readTree])),
    transform: (result) => result,
  });
  checkSearchPlaces(cwd);
  const found = await explorer.search(cwd);
  if (!found) return { path: null, from: cwd, plugins: [], configDirs: [], layers: [] };
  const path = found.filepath;
  refuseSecondFile(path);
  const files = await expand(path, toBranch(found.config, path), []);
  return {
    path,
    from: path,
    plugins: unique(files.flatMap(({ plugins }) => plugins)),
    configDirs: unique(files.flatMap(({ configDirs }) => configDirs)),
    layers: files.map(({ layer }) => layer),
  };
}

interface FileParts {
  readonly plugins: string[];
  readonly configDirs: string[];
  readonly layer: ConfigLayer;
}

async function expand(path: string, tree: Branch, stack: readonly string[]): Promise<FileParts[]> {
  if (stack.includes(path)) {
    throw new UsageError(
      `The config file ${displayPath(path)} extends itself, by ${[...stack, path].map((file) => displayPath(file)).join(' → ')}.`,
    );
  }
  const dir = dirname(path);
  const bases: FileParts[] = [];
  for (const [name, origin] of textList(tree, 'extends', true)) {
    const base = resolveBase(name, path, origin);
    bases.push(...(await expand(base, toBranch(await readTree(base), base), [...stack, path])));
  }
  const configDirs = textList(tree, 'configDirs').map(([name, origin]) => {
    const folder = resolve(dir, expandHome(name));
    if (!existsSync(folder) || !statSync(folder).isDirectory()) {
      throw new UsageError(
        `${displayPath(folder)} ${existsSync(folder) ? 'is no folder' : 'does not exist'}.`,
        `"configDirs" in ${describeOrigin(origin)} names it.`,
      );
    }
    return folder;
  });
  const named = textList(tree, 'plugins');
  if (named.length > 0) refuseCodeOfOthers(path, 'names plugins, which are code');
  const plugins = named.map(([name]) => (/^[.~]/.test(name) ? resolve(dir, expandHome(name)) : name));
  const values = branch(
    tree.origin,
    [...tree.children].filter(([key]) => !OWN_KEYS.includes(key)),
  );
  refuseNearKeys(values);
  const defaults = tree.children.get('defaults');
  return [...bases, { plugins, configDirs, layer: { file: path, values, ...(defaults ? { defaults } : {}) } }];
}

async function readTree(path: string): Promise<Tree> {
  if (SCRIPTS.includes(extname(path))) {
    checkConfigFile(path);
    refuseCodeOfOthers(path, 'is code');
    return readScript(path);
  }
  return parseYamlText(readConfigText(path), path, 'file').tree;
}

/** cosmiconfig would wait at a pipe, and pass over a file that may not be read as if there were none. */
function checkSearchPlaces(cwd: string): void {
  for (let dir = resolve(cwd); ; dir = dirname(dir)) {
    const files = SEARCH_PLACES.map((name) => join(dir, name)).filter((file) => existsSync(file));
    for (const file of files) checkConfigFile(file);
    if (files.length > 0 || existsSync(join(dir, 'package.json')) || dir === dirname(dir)) return;
  }
}

function toBranch(tree: unknown, path: string): Branch {
  const read = tree as Tree | undefined;
  if (read === undefined) return branch({ kind: 'file', file: path });
  if (isBranch(read)) return read;
  throw new UsageError(
    `The config file ${displayPath(path)} should hold a map of keys and values, not ${describeValue(read.value)}.`,
  );
}

/** A key that holds a list of text. */
function textList(tree: Branch, key: string, single = false): (readonly [string, Origin])[] {
  const node = tree.children.get(key);
  if (node === undefined) return [];
  const value = valueOf(node);
  const items = single && typeof value === 'string' ? [value] : value;
  const isText = (item: unknown): item is string => typeof item === 'string' && item !== '' && !item.includes('\0');
  if (Array.isArray(items) && items.every(isText)) {
    const long = items.find((item) => item.length > MAX_PATH);
    if (long !== undefined) {
      throw new UsageError(
        `A name in "${key}" in ${describeOrigin(node.origin)} has more than ${MAX_PATH} characters.`,
      );
    }
    return items.map((item) => [item, node.origin] as const);
  }
  throw new UsageError(
    `"${key}" in ${describeOrigin(node.origin)} should be a list of text, not ${describeValue(value)}.`,
  );
}

function resolveBase(name: string, from: string, origin: Origin): string {
  const dir = dirname(from);
  const path = resolve(dir, expandHome(name));
  if (/^[./~]/.test(name) || existsSync(path)) {
    if (existsSync(path)) return path;
    throw new UsageError(
      `The file ${displayPath(path)} does not exist.`,
      `"extends" in ${describeOrigin(origin)} names it.`,
    );
  }
  try {
    const found = createRequire(from).resolve(name);
    if (!isAbsolute(found)) throw new Error(`${name} is a module of Node.`);
    return found;
  } catch (error) {
    throw new UsageError(
      `The package ${name} is not installed.`,
      `"extends" in ${describeOrigin(origin)} names it.`,
      [`npm install ${name}`],
      { cause: error },
    );
  }
}

/** `plugin:` for `plugins:` is told here; other unknown keys when the config is checked. */
function refuseNearKeys(values: Branch): void {
  const known = ['extends', 'plugins', 'configDirs', 'defaults'];
  for (const [key, node] of values.children) {
    const same = known.find(
      (name) => name.toLowerCase() === key.toLowerCase().replaceAll('_', '') || `${key}s` === name,
    );
    if (same) throw new UsageError(`Unknown key "${key}" in ${describeOrigin(node.origin)}.`, didYouMean(same, [same]));
  }
}

function refuseSecondFile(path: string): void {
  const others = SEARCH_PLACES.map((name) => join(dirname(path), name)).filter(
    (file) => existsSync(file) && file !== path,
  );
  if (others.length === 0) return;
  throw new UsageError(
    `There are two config files: ${[path, ...others].map((file) => displayPath(file)).join(' and ')}.`,
    'osc reads one; others can be named under its "extends".',
  );
}

function unique(items: readonly string[]): string[] {
  return [...new Set(items)];
}
