/** A plugin package as its `package.json` describes it. Reading one runs none of its code. */
import { realpathSync } from 'node:fs';
import { dirname, join, resolve, sep } from 'node:path';
import { UsageError } from '../sdk/errors';
import { COMPONENT_KINDS, LOSS_KEY, type ComponentKind } from '../sdk/kinds';
import { didYouMean } from '../util/near-names';
import { readRegularFile } from '../util/regular-file';
import { shortenText } from '../util/text';

/** The version of the plugin contract that this osc speaks: `oscPlugin.apiVersion`. */
export const PLUGIN_API_VERSION = 1;

/** One entry of `oscPlugin.components`. */
export interface ListedComponent {
  readonly kind: ComponentKind;
  readonly name: string;
  readonly summary: string;
  readonly aliases: readonly string[];
  /** Of a loss: the key of `losses` that it is for by default. */
  readonly key?: string;
}

export interface PluginPackage {
  readonly name: string;
  readonly version: string;
  /** Real path of the folder. */
  readonly dir: string;
  readonly manifestFile: string;
  /** Absolute path of the main module. */
  readonly main: string;
  readonly components: readonly ListedComponent[];
}

const MANIFEST_KEYS = ['apiVersion', 'main', 'components'];
const COMPONENT_ENTRY_KEYS = ['kind', 'name', 'summary', 'aliases', 'key'];
// What can be written on the command line; with parentheses (the architectures of the reference) it needs quotes there.
const NAME = /^[A-Za-z][A-Za-z0-9_.()-]{0,99}$/;

/** Bytes. */
export const MAX_PACKAGE_JSON = 2 ** 20;

type Json = Readonly<Record<string, unknown>>;

/** The parsed `package.json` of a folder, or null where there is none. @throws UsageError if it is not JSON */
export function readPackageJson(dir: string): Json | null {
  const file = join(dir, 'package.json');
  let text: string;
  try {
    text = readRegularFile(file, MAX_PACKAGE_JSON).toString();
  } catch (error) {
    if (isMissing(error)) return null;
    throw new UsageError(`${file} cannot be read.`, (error as Error).message, [], { cause: error });
  }
  return parsePackageJson(text, file);
}

/** @throws UsageError if the text is not a JSON object */
export function parsePackageJson(text: string, file: string): Json {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (error) {
    throw new UsageError(`${file} is not valid JSON.`, (error as Error).message, [], { cause: error });
  }
  if (!isObject(parsed)) throw new UsageError(`${file} does not hold a JSON object.`);
  return parsed;
}

function isMissing(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === 'ENOENT' || code === 'ENOTDIR';
}

/** Reads the plugin in a folder. @throws UsageError where there is none, or its `oscPlugin` is not as it should be */
export function readPluginPackage(dir: string): PluginPackage {
  const json = readPackageJson(dir);
  if (json === null) {
    throw new UsageError(`There is no plugin in ${dir}.`, 'The folder has no package.json.');
  }
  return parsePluginPackage(dir, json);
}

/** @throws UsageError that names the `package.json` and the key */
export function parsePluginPackage(dir: string, json: Json): PluginPackage {
  const realDir = realpathSync(dir);
  const file = join(realDir, 'package.json');
  const fail = (problem: string, hints: string[] = []): never => {
    throw new UsageError(`${file} is not the manifest of a plugin.`, problem, hints);
  };
  const { name, version = '0.0.0', oscPlugin } = json;
  if (typeof name !== 'string' || name === '') fail('"name" should be the name of the package.');
  if (typeof version !== 'string') fail(`"version" should be a string, not ${show(version)}.`);
  if (oscPlugin === undefined) {
    fail('It has no "oscPlugin" key.', [
      `add "oscPlugin": { "apiVersion": ${PLUGIN_API_VERSION}, "main": "./index.js", "components": [{ "kind", "name", "summary" }] }`,
    ]);
  }
  if (!isObject(oscPlugin)) return fail(`"oscPlugin" should be an object, not ${show(oscPlugin)}.`);

  const { apiVersion, main, components } = oscPlugin;
  if (apiVersion !== PLUGIN_API_VERSION) {
    const newer = typeof apiVersion === 'number' && apiVersion > PLUGIN_API_VERSION;
    const written = apiVersion === undefined ? 'missing' : show(apiVersion);
    throw new UsageError(
      `The plugin ${show(name)} was made for another version of osc.`,
      `"oscPlugin.apiVersion" in ${file} is ${written}; this osc speaks version ${PLUGIN_API_VERSION}.`,
      newer ? ['npm install osc-trainer@latest'] : [`npm install ${String(name)}@latest`],
    );
  }
  // Unknown keys after the version: a newer contract may have more of them and says so by its number.
  refuseUnknownKeys(oscPlugin, MANIFEST_KEYS, 'oscPlugin', fail);
  if (typeof main !== 'string' || main === '' || main.includes('\0')) {
    return fail(`"oscPlugin.main" should be the path of the main module, not ${show(main)}.`);
  }
  const mainFile = resolve(realDir, main);
  if (!mainFile.startsWith(realDir + sep)) fail(`"oscPlugin.main" (${show(main)}) lies outside the package.`);
  if (!Array.isArray(components) || components.length === 0) {
    return fail(`"oscPlugin.components" should be a list of at least one component, not ${show(components)}.`);
  }
  return {
    name: name as string,
    version: version as string,
    dir: realDir,
    manifestFile: file,
    main: mainFile,
    components: components.map((entry: unknown, index) =>
      parseComponent(entry, `oscPlugin.components[${index}]`, fail),
    ),
  };
}

function parseComponent(entry: unknown, place: string, fail: (problem: string) => never): ListedComponent {
  if (!isObject(entry)) return fail(`"${place}" should be an object with kind, name and summary, not ${show(entry)}.`);
  refuseUnknownKeys(entry, COMPONENT_ENTRY_KEYS, place, fail);
  const { kind, name, summary, aliases = [], key } = entry;
  if (!isKind(kind)) {
    const question = typeof kind === 'string' ? didYouMean(kind, COMPONENT_KINDS) : undefined;
    const hint = question === undefined ? '' : ` ${question}`;
    return fail(
      `"${place}.kind" is ${show(kind)}, which is not a kind of component.${hint} The kinds are ${COMPONENT_KINDS.join(', ')}.`,
    );
  }
  if (kind === 'engine') return fail(`"${place}.kind" is "engine", and engines do not come from plugins.`);
  const checkName = (value: unknown, where: string): string =>
    typeof value === 'string' && NAME.test(value)
      ? value
      : fail(`"${where}" should be a name of letters, digits, "_", "-" and ".", not ${show(value)}.`);
  if (typeof summary !== 'string' || summary.trim() === '' || summary.includes('\n')) {
    return fail(`"${place}.summary" should be one line of text, not ${show(summary)}.`);
  }
  if (key !== undefined && kind !== 'loss') fail(`"${place}.key" is for losses, and this is of kind ${kind}.`);
  if (key !== undefined && (typeof key !== 'string' || !LOSS_KEY.test(key))) {
    return fail(`"${place}.key" should be a key of losses, such as l_objects, not ${show(key)}.`);
  }
  if (!Array.isArray(aliases)) return fail(`"${place}.aliases" should be a list of names, not ${show(aliases)}.`);
  return {
    kind,
    name: checkName(name, `${place}.name`),
    summary,
    aliases: aliases.map((alias: unknown, index) => checkName(alias, `${place}.aliases[${index}]`)),
    ...(key === undefined ? {} : { key }),
  };
}

function refuseUnknownKeys(
  value: Json,
  known: readonly string[],
  place: string,
  fail: (problem: string) => never,
): void {
  const unknown = Object.keys(value).find((key) => !known.includes(key));
  if (unknown !== undefined) fail(`"${place}" has an unknown key ${show(unknown)}. Its keys are ${known.join(', ')}.`);
}

function isKind(value: unknown): value is ComponentKind {
  return (COMPONENT_KINDS as readonly unknown[]).includes(value);
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Characters of what a manifest says, in a message about it. */
const SHOWN = 100;

function show(value: unknown): string {
  return value === undefined ? 'missing' : shortenText(JSON.stringify(value) ?? String(value), SHOWN);
}

/** The module system of a file in the package `root`, by Node's rules: its ending, else the nearest package.json. */
export function packageTypeOf(file: string, root: string): 'module' | 'commonjs' {
  if (file.endsWith('.mjs')) return 'module';
  if (file.endsWith('.cjs')) return 'commonjs';
  for (let dir = dirname(file); dir.startsWith(root); dir = dirname(dir)) {
    const json = readPackageJson(dir);
    if (json !== null) return json['type'] === 'module' ? 'module' : 'commonjs';
  }
  return 'commonjs';
}
