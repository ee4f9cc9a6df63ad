/** Where plugin packages are found. Only `package.json` files are read. */
import { existsSync, readdirSync, realpathSync, statSync } from 'node:fs';
import { dirname, extname, isAbsolute, join, resolve } from 'node:path';
import { isReportedError, UsageError } from '../sdk/errors';
import { expandHome } from '../util/home';
import { readRegularFile } from '../util/regular-file';
import {
  MAX_PACKAGE_JSON,
  parsePackageJson,
  parsePluginPackage,
  readPluginPackage,
  type PluginPackage,
} from './plugin-package';

/** Built, the box's plugins lie in `dist/plugins`; run from source (jest), in `plugins` at the root. */
export function builtinPluginsDir(): string {
  return extname(__filename) === '.ts' ? join(__dirname, '../../plugins') : join(__dirname, '../plugins');
}

export function findBuiltins(dir = builtinPluginsDir()): PluginPackage[] {
  if (!existsSync(dir)) return [];
  return readdirSync(dir)
    .sort()
    .filter((name) => existsSync(join(dir, name, 'package.json')))
    .map((name) => readPluginPackage(join(dir, name)));
}

function isPath(spec: string): boolean {
  return /^[.~]/.test(spec) || isAbsolute(spec) || (/[/\\]/.test(spec) && !spec.startsWith('@'));
}

/** False also for what may not be looked at, and for links that lead round. */
function isDirectory(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    return false;
  }
}

/** Nothing of a folder that may not be read: no package there could be loaded either. */
function namesIn(dir: string): string[] {
  try {
    return readdirSync(dir);
  } catch {
    return [];
  }
}

/** `dir` and every folder above it, nearest first. */
function upward(dir: string): string[] {
  const parent = dirname(dir);
  return parent === dir ? [dir] : [dir, ...upward(parent)];
}

/**
 * The package that an entry of `plugins:` (or `--plugin`) names.
 *
 * @param spec a path (`./queries`, `../x`, `~/x`, `/x`) or the name of an installed package
 * @param from the file or folder that names it: paths start there, and `node_modules` is searched from there upward
 * @throws UsageError where nothing is found, or what is found is no plugin
 */
export function resolvePlugin(spec: string, from: string): PluginPackage {
  const base = isDirectory(from) ? from : dirname(from);
  if (isPath(spec)) {
    const path = resolve(base, expandHome(spec));
    if (isDirectory(path)) return readPluginPackage(path);
    const problem = existsSync(path)
      ? `${path} is a file; a plugin is named by the folder its package.json lies in.`
      : `There is no folder ${path}.`;
    throw new UsageError(`The plugin "${spec}", named in ${from}, was not found.`, problem);
  }
  for (const dir of upward(base)) {
    const candidate = join(dir, 'node_modules', spec);
    if (existsSync(join(candidate, 'package.json'))) return readPluginPackage(candidate);
  }
  const hints = [`npm install ${spec}`];
  if (isDirectory(join(base, spec))) hints.unshift(`write "./${spec}" for the folder of that name`);
  throw new UsageError(
    `The plugin "${spec}", named in ${from}, is not installed.`,
    `No node_modules folder in ${base} or above has it.`,
    hints,
  );
}

/** A package that says it is a plugin but whose manifest cannot be used. */
export interface BrokenPlugin {
  readonly dir: string;
  readonly problem: string;
}

export interface InstalledPlugins {
  readonly plugins: readonly PluginPackage[];
  readonly broken: readonly BrokenPlugin[];
}

/**
 * The plugins installed in `node_modules` of `from` and above, enabled or not: packages named `osc-plugin-*` or
 * `@scope/osc-plugin-*`, or with the keyword `osc-plugin`. Of two of one name the nearer is taken, as Node does.
 */
export function findInstalled(from: string): InstalledPlugins {
  const seen = new Set<string>();
  const plugins: PluginPackage[] = [];
  const broken: BrokenPlugin[] = [];
  for (const dir of upward(from)) {
    for (const name of packagesIn(join(dir, 'node_modules'))) {
      if (seen.has(name)) continue;
      const packageDir = join(dir, 'node_modules', name);
      const file = join(packageDir, 'package.json');
      const text = readIfThere(file);
      if (text === null) continue;
      seen.add(name);
      try {
        if (!/(^|\/)osc-plugin-/.test(name) && !hasKeyword(text, file)) continue;
        plugins.push(parsePluginPackage(packageDir, parsePackageJson(text, file)));
      } catch (error) {
        if (!isReportedError(error)) throw error;
        broken.push({ dir: realpathSync(packageDir), problem: error.message });
      }
    }
  }
  return { plugins, broken };
}

function packagesIn(modules: string): string[] {
  if (!isDirectory(modules)) return [];
  const names = namesIn(modules).filter((name) => !name.startsWith('.'));
  return names.flatMap((name) => {
    if (!name.startsWith('@')) return [name];
    const scope = join(modules, name);
    return isDirectory(scope) ? namesIn(scope).map((inner) => `${name}/${inner}`) : [];
  });
}

function readIfThere(file: string): string | null {
  try {
    return readRegularFile(file, MAX_PACKAGE_JSON).toString();
  } catch {
    return null; // a folder without a readable package.json is no package
  }
}

/** Most packages do not even hold the word: parsing some hundred files would take longer than all the rest. */
function hasKeyword(text: string, file: string): boolean {
  if (!text.includes('"osc-plugin"')) return false;
  const { keywords } = parsePackageJson(text, file);
  return Array.isArray(keywords) && keywords.includes('osc-plugin');
}
