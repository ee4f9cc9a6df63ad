/** Checks a put-together config: components by their own schemas, all else by the root schema, then what spans both. */
import type { z } from 'zod';
import type { ComponentCatalog } from '../sdk/catalog';
import { isReportedError } from '../sdk/errors';
import { didYouMean } from '../util/near-names';
import { COMPONENT_KEYS, type ComponentKey, componentKeysOf, sectionsOf } from './component-keys';
import { chosenName } from './component-nodes';
import { splitNode } from './component-schema';
import { crossProblems } from './cross-checks';
import { describeOrigin, type Origin } from './origin';
import { unknownComponent } from './plugin-flags';
import { type Problem, problemsOf, type Subject, throwProblems } from './problems';
import { ROOT_DEFAULTS } from './root-defaults';
import { rootSchema, type OscConfig } from './schema';
import { dottedKeys } from './schema-walk';
import { type Section, sectionNames, takeSections } from './sections';
import { find } from './tree';
import { isMap, ownValue, putValue, toValue, valueAt, type ValueMap } from './value';

const SHOW = 'osc config schema';
const ALL_KEYS: readonly string[] = [...dottedKeys(rootSchema)];

export interface Validated {
  readonly config: OscConfig;
  /** The component whose schema gave a key its default, by the dotted key of its node or its section. */
  readonly components: ReadonlyMap<string, string>;
  /** Where options were written that stand in a section of the config: the key of the list, by the option's own. */
  readonly moved: ReadonlyMap<string, string>;
}

export interface ValidateContext {
  readonly catalog: ComponentCatalog;
  /** Names of config groups, for a key that was meant as one. */
  readonly groups?: readonly string[];
  /** Where the value at a dotted key was written. */
  readonly originOf: (key: string) => Origin;
  /** The file, where all of the config is of one. */
  readonly file?: string;
}

/**
 * Checks a config as it was written.
 *
 * @throws UsageError that tells every mistake
 */
export async function validateConfig(
  written: ValueMap,
  { catalog, groups, originOf, file }: ValidateContext,
): Promise<Validated> {
  const place = (key: string): string => describeOrigin(originOf(key.replace(/\[.*$/, '')));
  const problems: Problem[] = [];
  const checking: Checking = { catalog, place, problems, components: new Map(), moved: new Map() };
  const { rest: raw, sections } = takeSections(written, catalog, place, problems);
  for (const key of componentKeysOf(raw)) refuseNameless(raw, key, checking);

  const subject: Subject = {
    prefix: '',
    schema: rootSchema,
    value: raw,
    list: SHOW,
    allKeys: ALL_KEYS,
    furtherKeys: (key) => sectionNames(key, catalog),
    ...(groups ? { groups } : {}),
    place,
  };
  const parsed = rootSchema.safeParse(raw);
  // a node that is already told to be wrong need not be told twice
  if (!parsed.success) addProblems(problems, problemsOf(parsed.error, subject));

  const unlisted: Record<string, ValueMap> = {};
  const read: unknown = parsed.success ? parsed.data : raw;
  for (const key of componentKeysOf(raw)) {
    const found = at(read, key.key);
    if (!key.list) {
      const node = nodeOf(found, key);
      if (node) await checkNode(node, key, checking);
      continue;
    }
    const nodes = Array.isArray(found) ? found.map((item) => nodeOf(item, key)) : [];
    Object.assign(unlisted, await checkList(nodes, key, sections, checking));
  }
  if (parsed.success && problems.length === 0) {
    const config = { ...parsed.data, unlisted };
    addProblems(problems, crossProblems(config, place));
    throwProblems(problems, file);
    return { config, components: checking.components, moved: checking.moved };
  }
  throwProblems(problems, file);
  throw new Error('A config that the schema refuses has no mistake.');
}

interface Checking {
  readonly catalog: ComponentCatalog;
  readonly place: (key: string) => string;
  readonly problems: Problem[];
  readonly components: Map<string, string>;
  readonly moved: Map<string, string>;
}

/** A node as it is read, to be given its component's canonical name and the options that its schema gives back. */
interface Node {
  name: string;
  options: Record<string, unknown>;
}

function nodeOf(found: unknown, key: ComponentKey): Node | undefined {
  const node = isNode(found) ? found : splitNode(found, key.parentKeys);
  return isNode(node) && node.name !== '' ? node : undefined;
}

function isNode(node: unknown): node is Node {
  if (typeof node !== 'object' || node === null || !('name' in node) || !('options' in node)) return false;
  return typeof node.name === 'string' && isMap(node.options);
}

function addProblems(problems: Problem[], more: readonly Problem[]): void {
  problems.push(...more.filter(({ what }) => !problems.some((problem) => problem.what === what)));
}

/** In place: a node whose name is null becomes null where it may be; one with options alone is of the default component. */
function refuseNameless(raw: ValueMap, key: ComponentKey, { place, problems }: Checking): void {
  const node = valueAt(raw, key.key);
  if (key.list || !isMap(node)) return;
  if (node['name'] === undefined) {
    const usual = chosenName(find(ROOT_DEFAULTS, key.key));
    if (typeof usual === 'string') node['name'] = usual;
  }
  if (node['name'] === null && key.nullable) putValue(raw, key.key, null);
  else if (node['name'] === null || node['name'] === undefined) {
    const keys = Object.keys(node).filter((name) => name !== 'name');
    const where = keys.length > 0 ? `${key.key}.${keys[0]}` : key.key;
    const others = COMPONENT_KEYS.map((other) => other.key);
    problems.push({
      what: `${key.key} chooses no component, but ${keys.length > 0 ? `has ${keys.join(', ')}` : 'needs one'} (${place(where)}).`,
      why: others.includes(key.key) ? undefined : didYouMean(key.key, others),
      hints: [`${key.key}.name=NAME`, `osc plugins list --kind ${key.kind}`],
    });
    putValue(raw, key.key, key.nullable ? null : { ...node, name: '' });
  }
}

/** Checks one node, and gives it canonical name and defaults. */
async function checkNode(node: Node, key: ComponentKey, checking: Checking): Promise<void> {
  const component = await lookUp(node.name, key, `${key.key}.name`, checking);
  if (component === undefined) return;
  const { name, schema } = component;
  const checked = schema && checkOptions({ name, schema, where: key.key, key, options: node.options }, checking);
  if (schema === null) refuseOptions(name, node.options, key.key, checking);
  node.name = name;
  node.options = checked ?? node.options;
  checking.components.set(key.key, name);
}

/**
 * Checks the components of a list, and gives them the options of the sections beside it. What a component of the list says
 * itself comes first.
 *
 * @returns options of sections that the list does not name, by their dotted key
 */
async function checkList(
  nodes: readonly (Node | undefined)[],
  key: ComponentKey,
  allSections: readonly Section[],
  checking: Checking,
): Promise<Record<string, ValueMap>> {
  const sections = allSections.filter(({ list }) => list.key === key.key);
  for (const [index, node] of nodes.entries()) {
    const where = `${key.key}[${index}]`;
    const component = node && (await lookUp(node.name, key, where, checking));
    if (!node || component?.schema == null) continue;
    const { name, schema } = component;
    const section = sections.find((candidate) => candidate.name === name)?.options ?? {};
    const checked = checkOptions({ name, schema, where, key, options: node.options, section }, checking);
    const own = `${sectionsOf(key)}.${name}`;
    for (const option of Object.keys(node.options)) checking.moved.set(`${own}.${option}`, key.key);
    node.name = name;
    node.options = checked ?? node.options;
    checking.components.set(own, name);
  }
  const unlisted: Record<string, ValueMap> = {};
  for (const { name, where, options } of sections) {
    const schema = (await lookUp(name, key, where, checking))?.schema;
    if (schema == null) continue;
    const checked = checkOptions({ name, schema, where, key, options, partial: true }, checking);
    if (nodes.some((node) => node?.name === name)) continue;
    unlisted[where] = checked ?? options;
    checking.components.set(where, name);
  }
  return unlisted;
}

/** The canonical name and the schema of a component; null for a keyword. Undefined, with a problem, where there is none. */
async function lookUp(
  name: string,
  key: ComponentKey,
  where: string,
  { catalog, place, problems }: Checking,
): Promise<{ name: string; schema: z.ZodType | null } | undefined> {
  if (key.keywords.includes(name)) return { name, schema: null };
  const entry = catalog.lookup(key.kind, name);
  if (!entry) {
    const { what, why, hints } = unknownComponent({ name, key, place: place(where), catalog });
    problems.push({ what, why, hints });
    return undefined;
  }
  try {
    return { name: entry.name, schema: (await catalog.manifest(key.kind, entry.name)).options };
  } catch (error) {
    if (!isReportedError(error)) throw error;
    problems.push({ what: error.what, why: error.why, hints: error.hints });
    return undefined;
  }
}

function refuseOptions(name: string, options: Readonly<Record<string, unknown>>, where: string, on: Checking): void {
  for (const option of Object.keys(options)) {
    const what = `${where}=${name} has no option ${option} (${on.place(`${where}.${option}`)}).`;
    on.problems.push({ what, hints: [SHOW] });
  }
}

interface OptionsToCheck {
  readonly name: string;
  readonly schema: z.ZodType;
  readonly where: string;
  readonly key: ComponentKey;
  readonly options: Readonly<Record<string, unknown>>;
  /** Options from elsewhere, which are told of there if they are wrong; {@link options} come first. */
  readonly section?: ValueMap;
  /** These are not all: what has no default may be missing. */
  readonly partial?: boolean;
}

/** Options with defaults, in the schema's order; undefined, with a problem for each mistake, where they are wrong. */
function checkOptions(given: OptionsToCheck, { place, problems }: Checking): ValueMap | undefined {
  const { name, schema, where, key, options, section = {}, partial = false } = given;
  const parsed = schema.safeParse({ ...section, ...options });
  if (parsed.success) {
    const checked = toValue(parsed.data, (option) => {
      throw new Error(`The option ${option} of the ${key.kind} ${name} becomes something else than data.`);
    });
    return isMap(checked) ? checked : {};
  }
  const list = `osc plugins inspect ${name}`;
  const furtherKeys = (parent: string): readonly string[] => (parent === where && !partial ? key.parentKeys : []);
  const issues = parsed.error.issues.flatMap((issue) => {
    const [option] = issue.path;
    if (issue.code === 'unrecognized_keys' && option === undefined) {
      const keys = issue.keys.filter((unknown) => unknown in options);
      return keys.length > 0 ? [{ ...issue, keys }] : [];
    }
    const isTold = option !== undefined && !(String(option) in options) && (partial || String(option) in section);
    return isTold ? [] : [issue];
  });
  const told = problemsOf({ issues }, { prefix: where, schema, value: options, furtherKeys, list, place });
  addProblems(problems, told);
  return undefined;
}

/** The value at a dotted key of a config, as it was written or as it is read. */
function at(config: unknown, key: string): unknown {
  return key.split('.').reduce<unknown>(ownValue, config);
}
