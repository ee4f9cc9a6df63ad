/** Checks a put-together config: components by their own schemas, all else by the root schema, then what spans both. */
import type { z } from 'zod';
import type { ComponentCatalog } from '../sdk/catalog';
import { isReportedError } from '../sdk/errors';
import { didYouMean } from '../util/near-names';
import { COMPONENT_KEYS, type ComponentKey, componentKeysOf, sectionsOf } from './component-keys';
import { crossProblems } from './cross-checks';
import { describeOrigin, type Origin } from './origin';
import { unknownComponent } from './plugin-flags';
import { type Problem, problemsOf, type Subject, throwProblems } from './problems';
import { rootSchema, type OscConfig } from './schema';
import { dottedKeys, schemaAt, shapeOf } from './schema-walk';
import { describeValue, isMap, type Value, valueAt, type ValueMap } from './value';

const SHOW = 'osc config schema';

export interface Validated {
  readonly values: OscConfig;
  /** The component whose schema gave a key its default, by the dotted key of its node or its section. */
  readonly components: ReadonlyMap<string, string>;
}

export interface ValidateContext {
  readonly catalog: ComponentCatalog;
  /** Names of config groups, for a key that was meant as one. */
  readonly groups?: readonly string[];
  /** Where the value at a dotted key was written. */
  readonly originOf: (key: string) => Origin;
}

/** @throws UsageError that tells every mistake */
export async function validate(raw: ValueMap, { catalog, groups, originOf }: ValidateContext): Promise<Validated> {
  const place = (key: string): string => describeOrigin(originOf(key.replace(/\[.*$/, '')));
  const problems: Problem[] = [];
  const checking: Checking = { catalog, place, problems, components: new Map() };
  for (const key of componentKeysOf(raw)) normalise(raw, key, checking);
  const sections = takeSections(raw, checking);

  const subject: Subject = {
    prefix: '',
    schema: rootSchema,
    value: raw,
    list: SHOW,
    allKeys: [...dottedKeys(rootSchema)],
    furtherKeys: (key) => sectionNames(key, catalog),
    ...(groups ? { groups } : {}),
    place,
  };
  const parsed = rootSchema.safeParse(raw);
  if (!parsed.success) {
    // a node that is already told to be wrong need not be told twice
    problems.push(...problemsOf(parsed.error, subject).filter(({ what }) => !problems.some((p) => p.what === what)));
  }
  const values = (parsed.success ? parsed.data : raw) as ValueMap;

  for (const key of componentKeysOf(values)) {
    if (key.list) await checkList(values, key, sections, checking);
    else {
      const checked = await checkNode(valueAt(values, key.key), key, checking);
      if (checked !== undefined) put(values, key.key, checked);
    }
  }
  if (problems.length === 0) problems.push(...crossProblems(values as unknown as OscConfig, place));
  throwProblems(problems);
  return { values: values as unknown as OscConfig, components: checking.components };
}

interface Checking {
  readonly catalog: ComponentCatalog;
  readonly place: (key: string) => string;
  readonly problems: Problem[];
  readonly components: Map<string, string>;
}

/** In place: names of nodes with keys of a parent become maps, a node whose name is null becomes null. */
function normalise(raw: ValueMap, key: ComponentKey, { place, problems }: Checking): void {
  const node = valueAt(raw, key.key);
  if (key.list || node === undefined || node === null) return;
  if (typeof node === 'string') {
    if (isComponentMap(key)) put(raw, key.key, { name: node });
    return;
  }
  if (!isMap(node)) return;
  if (node['name'] === null && key.nullable) put(raw, key.key, null);
  else if (node['name'] === null || node['name'] === undefined) {
    const keys = Object.keys(node).filter((name) => name !== 'name');
    const written = keys.length > 0 ? `${key.key}.${keys[0]}` : key.key;
    const others = COMPONENT_KEYS.map((other) => other.key).filter((other) => other !== key.key);
    problems.push({
      what: `${key.key} chooses no component, but ${keys.length > 0 ? `has ${keys.join(', ')}` : 'needs one'} (${place(written)}).`,
      why: COMPONENT_KEYS.some((other) => other.key === key.key) ? undefined : didYouMean(key.key, others),
      hints: [`${key.key}.name=NAME`, `osc plugins list --kind ${key.kind}`],
    });
    put(raw, key.key, key.nullable ? null : { name: '' });
  }
}

/** Nodes that are always `{ name, … }` in the composed config. */
function isComponentMap(key: ComponentKey): boolean {
  return shapeOf(schemaAt(rootSchema, key.key.split('.'))) !== undefined;
}

/** A map beside a list of components, with options of one of them: `data.test.vqa`. */
interface Section {
  readonly list: ComponentKey;
  readonly name: string;
  readonly where: string;
  readonly options: ValueMap;
}

/** Takes the sections out of a config, in place, as the root schema knows none of them. */
function takeSections(raw: ValueMap, { catalog, place, problems }: Checking): Section[] {
  return COMPONENT_KEYS.filter(({ list }) => list).flatMap((list) => {
    const parent = valueAt(raw, sectionsOf(list));
    if (!isMap(parent)) return [];
    const names = sectionNames(sectionsOf(list), catalog);
    put(
      raw,
      sectionsOf(list),
      pick(parent, (name) => !names.includes(name)),
    );
    return Object.entries(parent).flatMap(([name, options]): Section[] => {
      const where = `${sectionsOf(list)}.${name}`;
      if (!names.includes(name)) return [];
      if (isMap(options)) return [{ list, name, where, options }];
      problems.push({
        what: `${where} should be a map of options of the ${list.kind} ${name}, not ${describeValue(options)} (${place(where)}).`,
        hints: [`osc plugins inspect ${name} --kind ${list.kind}`],
      });
      return [];
    });
  });
}

/** The sections that a map may have. A key of the root schema is none, whatever components there are. */
function sectionNames(parent: string, catalog: ComponentCatalog): string[] {
  const lists = COMPONENT_KEYS.filter((key) => key.list && sectionsOf(key) === parent);
  if (lists.length === 0) return [];
  const own = Object.keys(shapeOf(schemaAt(rootSchema, parent.split('.'))) ?? {});
  const entries = lists.flatMap(({ kind }) => catalog.entries(kind)).filter(({ enabled }) => enabled);
  return entries.map(({ name }) => name).filter((name) => !own.includes(name));
}

/** Checks one node and gives it canonical name, defaults and keys in order. Undefined where there is nothing to check. */
async function checkNode(node: Value | undefined, key: ComponentKey, checking: Checking): Promise<Value | undefined> {
  const { name, options, parent } = partsOf(node, key);
  if (name === '') return undefined;
  const component = await lookUp(name, key, isMap(node) ? `${key.key}.name` : key.key, checking);
  if (component === undefined) return undefined;
  const { schema, canonical } = component;
  if (schema === null) refuseOptions(options, canonical, key.key, checking);
  const checked = schema === null ? {} : checkOptions({ schema, canonical, where: key.key, key, options }, checking);
  if (checked === undefined) return undefined;
  checking.components.set(key.key, canonical);
  return written(canonical, { ...checked, ...parent }, isComponentMap(key));
}

/**
 * Checks a list of components and the sections beside it. A component of the list keeps what it says itself; all else, the
 * defaults included, stands in the section of its name, so that a later override of it there counts.
 */
async function checkList(
  values: ValueMap,
  key: ComponentKey,
  sections: readonly Section[],
  checking: Checking,
): Promise<void> {
  const own = new Map(sections.filter(({ list }) => list.key === key.key).map((section) => [section.name, section]));
  const results = new Map<string, ValueMap>();
  for (const { name, where, options } of own.values()) {
    const component = await lookUp(name, key, where, checking);
    if (component?.schema == null) continue;
    const checked = checkOptions(
      { ...component, schema: component.schema, where, key, options, partial: true },
      checking,
    );
    if (checked !== undefined) results.set(name, checked);
  }
  const nodes = valueAt(values, key.key);
  if (!Array.isArray(nodes)) return;
  for (const [index, node] of nodes.entries()) {
    const { name, options, parent } = partsOf(node, key);
    const where = `${key.key}[${index}]`;
    if (name === '') continue;
    const component = await lookUp(name, key, isMap(node) ? `${where}.name` : where, checking);
    if (component?.schema == null) continue;
    const { schema, canonical } = component;
    const section = own.get(canonical)?.options ?? {};
    const checked = checkOptions({ schema, canonical, where, key, options, section }, checking);
    if (checked === undefined) continue;
    nodes[index] = written(canonical, { ...pick(checked, (option) => option in options), ...parent }, false);
    const shared = { ...pick(checked, (option) => !(option in options)), ...results.get(canonical) };
    results.set(
      canonical,
      pick({ ...checked, ...shared }, (option) => option in shared),
    );
  }
  for (const [name, options] of results) {
    const where = `${sectionsOf(key)}.${name}`;
    if (Object.keys(options).length === 0 && !own.has(name)) continue;
    put(values, where, options);
    checking.components.set(where, name);
  }
}

/** `name` is empty where the node names none. */
function partsOf(node: Value | undefined, key: ComponentKey): { name: string; options: ValueMap; parent: ValueMap } {
  const map: ValueMap = isMap(node) ? node : node === undefined ? {} : { name: node };
  const { name } = map;
  return {
    name: typeof name === 'string' ? name : '',
    options: pick(map, (option) => option !== 'name' && !key.parentKeys.includes(option)),
    parent: pick(map, (option) => key.parentKeys.includes(option)),
  };
}

/** A node as it stands in the composed config: the bare name where there is nothing else, but for nodes that are maps. */
function written(name: string, rest: ValueMap, alwaysMap: boolean): Value {
  return alwaysMap || Object.keys(rest).length > 0 ? { name, ...rest } : name;
}

/** The canonical name and the schema of a component; null for a keyword. Undefined, with a problem, where there is none. */
async function lookUp(
  name: string,
  key: ComponentKey,
  where: string,
  { catalog, place, problems }: Checking,
): Promise<{ canonical: string; schema: z.ZodType | null } | undefined> {
  if (key.keywords.includes(name)) return { canonical: name, schema: null };
  const entry = catalog.lookup(key.kind, name);
  if (!entry) {
    const { what, why, hints } = unknownComponent({ name, key, place: place(where), catalog });
    problems.push({ what, why, hints });
    return undefined;
  }
  try {
    return { canonical: entry.name, schema: (await catalog.manifest(key.kind, entry.name)).options };
  } catch (error) {
    if (!isReportedError(error)) throw error;
    problems.push({ what: error.what, why: error.why, hints: error.hints });
    return undefined;
  }
}

function refuseOptions(options: ValueMap, name: string, where: string, { place, problems }: Checking): void {
  for (const option of Object.keys(options)) {
    problems.push({
      what: `${where}=${name} has no option ${option} (${place(`${where}.${option}`)}).`,
      hints: [SHOW],
    });
  }
}

/** Options with defaults, in the schema's order; undefined, with a problem for each mistake, where they are wrong. */
function checkOptions(
  of: {
    readonly schema: z.ZodType;
    readonly canonical: string;
    readonly where: string;
    readonly key: ComponentKey;
    readonly options: ValueMap;
    /** Options from elsewhere, which are told of there if they are wrong; {@link options} come first. */
    readonly section?: ValueMap;
    /** What has no default may be missing. */
    readonly partial?: boolean;
  },
  { place, problems }: Checking,
): ValueMap | undefined {
  const { schema, canonical, where, key, options, section = {}, partial = false } = of;
  const parsed = schema.safeParse({ ...section, ...options });
  if (parsed.success) return parsed.data as ValueMap;
  const list = `osc plugins inspect ${canonical}`;
  const furtherKeys = (parent: string): readonly string[] => (parent === where && !partial ? key.parentKeys : []);
  const issues = parsed.error.issues.flatMap((issue) => {
    const [option] = issue.path;
    if (issue.code === 'unrecognized_keys' && option === undefined) {
      const keys = issue.keys.filter((name) => name in options);
      return keys.length > 0 ? [{ ...issue, keys }] : [];
    }
    const name = String(option);
    return option === undefined || name in options || (!partial && !(name in section)) ? [issue] : [];
  });
  const told = problemsOf({ issues }, { prefix: where, schema, value: options, furtherKeys, list, place });
  problems.push(...told.filter(({ what }) => !problems.some((problem) => problem.what === what)));
  return partial && told.length === 0 ? options : undefined;
}

function put(values: ValueMap, key: string, node: Value): void {
  const names = key.split('.');
  const last = names.pop()!;
  const parent = names.length === 0 ? values : (valueAt(values, names.join('.')) ?? values);
  if (isMap(parent)) parent[last] = node;
}

function pick(map: ValueMap, keep: (name: string) => boolean): ValueMap {
  return Object.fromEntries(Object.entries(map).filter(([name]) => keep(name)));
}
