/** Checks a put-together config: components by their own schemas, all else by the root schema, then what spans both. */
import type { z } from 'zod';
import type { ComponentCatalog } from '../sdk/catalog';
import { isReportedError } from '../sdk/errors';
import { COMPONENT_KEYS, type ComponentKey } from '../sdk/kinds';
import { crossProblems } from './cross-checks';
import { describeOrigin, type Origin } from './origin';
import { unknownComponent } from './plugin-flags';
import { type Problem, problemsOf, type Subject, throwProblems } from './problems';
import { rootSchema, type OscConfig } from './schema';
import { dottedKeys, schemaAt, shapeOf } from './schema-walk';
import { isMap, type Value, type ValueMap } from './value';

const SHOW = 'osc config schema';

export interface Validated {
  readonly values: OscConfig;
  /** The component whose schema gave a key its default, by the dotted key of its node. */
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
  for (const key of COMPONENT_KEYS) normalise(raw, key, place, problems);

  const subject: Subject = {
    prefix: '',
    schema: rootSchema,
    value: raw,
    list: SHOW,
    allKeys: [...dottedKeys(rootSchema)],
    ...(groups ? { groups } : {}),
    place,
  };
  const parsed = rootSchema.safeParse(raw);
  if (!parsed.success) {
    // a node that is already told to be wrong need not be told twice
    problems.push(...problemsOf(parsed.error, subject).filter(({ what }) => !problems.some((p) => p.what === what)));
  }
  const values = (parsed.success ? parsed.data : raw) as ValueMap;

  const components = new Map<string, string>();
  for (const key of COMPONENT_KEYS) {
    const nodes = key.list ? listAt(values, key.key) : [at(values, key.key)];
    for (const [index, node] of nodes.entries()) {
      const where = key.list ? `${key.key}[${index}]` : key.key;
      const checked = await checkComponent(node, key, where, {
        catalog,
        place,
        problems,
        // a section that is wrong has been told to be
        sectionOf: (name) => (key.sections === null || !parsed.success ? {} : mapAt(values, `${key.sections}.${name}`)),
      });
      if (checked === undefined) continue;
      components.set(where, checked.name);
      if (key.list) nodes[index] = checked.node;
      else put(values, key.key, checked.node);
    }
  }
  if (problems.length === 0) problems.push(...crossProblems(values as unknown as OscConfig, place));
  throwProblems(problems);
  return { values: values as unknown as OscConfig, components };
}

/** In place: names of nodes with keys of a parent become maps, a node whose name is null becomes null. */
function normalise(raw: ValueMap, key: ComponentKey, place: (key: string) => string, problems: Problem[]): void {
  const node = at(raw, key.key);
  if (key.list || node === undefined || node === null) return;
  const canBeText = !isComponentMap(key);
  if (typeof node === 'string') {
    if (!canBeText) put(raw, key.key, { name: node });
    return;
  }
  if (!isMap(node)) return;
  if (node['name'] === null && key.nullable) put(raw, key.key, null);
  else if (node['name'] === null || node['name'] === undefined) {
    const keys = Object.keys(node).filter((name) => name !== 'name');
    const written = keys.length > 0 ? `${key.key}.${keys[0]}` : key.key;
    problems.push({
      what: `${key.key} chooses no component, but ${keys.length > 0 ? `has ${keys.join(', ')}` : 'needs one'} (${place(written)}).`,
      hints: [`${key.key}.name=NAME`, `osc plugins list --kind ${key.kind}`],
    });
    put(raw, key.key, key.nullable ? null : { name: '' });
  }
}

/** Nodes that are always `{ name, … }` in the composed config. */
function isComponentMap(key: ComponentKey): boolean {
  return shapeOf(schemaAt(rootSchema, key.key.split('.'))) !== undefined;
}

interface Checking {
  readonly catalog: ComponentCatalog;
  readonly place: (key: string) => string;
  readonly problems: Problem[];
  /** Options of a component that stand outside its node. */
  readonly sectionOf: (name: string) => ValueMap;
}

/** Checks one node and gives it canonical name, defaults and keys in order. Undefined where there is nothing to check. */
async function checkComponent(
  node: Value | undefined,
  key: ComponentKey,
  where: string,
  { catalog, place, problems, sectionOf }: Checking,
): Promise<{ name: string; node: Value } | undefined> {
  const name = isMap(node) ? node['name'] : node;
  if (typeof name !== 'string' || name === '') return undefined;
  const map = isMap(node) ? node : {};
  const parent = pick(map, (option) => key.parentKeys.includes(option));
  const options = pick(map, (option) => option !== 'name' && !key.parentKeys.includes(option));
  const written = isMap(node) ? `${where}.name` : where;

  let canonical = name;
  let schema: z.ZodType | undefined;
  if (!key.keywords.includes(name)) {
    const entry = catalog.lookup(key.kind, name);
    if (!entry) {
      const { what, why, hints } = unknownComponent({ name, key, place: place(written), catalog });
      problems.push({ what, why, hints });
      return undefined;
    }
    canonical = entry.name;
    try {
      schema = (await catalog.manifest(key.kind, canonical)).options;
    } catch (error) {
      if (!isReportedError(error)) throw error;
      problems.push({ what: error.what, why: error.why, hints: error.hints });
      return undefined;
    }
  }
  const list = schema ? `osc plugins inspect ${canonical}` : SHOW;
  if (schema === undefined) {
    for (const option of Object.keys(options)) {
      problems.push({
        what: `${where}=${canonical} has no option ${option} (${place(`${where}.${option}`)}).`,
        hints: [list],
      });
    }
    return { name: canonical, node: isComponentMap(key) ? { name: canonical, ...parent } : canonical };
  }
  const section = sectionOf(canonical);
  const parsed = schema.safeParse({ ...section, ...options });
  if (!parsed.success) {
    const extraKeys = key.parentKeys;
    problems.push(...problemsOf(parsed.error, { prefix: where, schema, value: options, extraKeys, list, place }));
    return undefined;
  }
  // what stands in the section stays there, so that a later override of it is not hidden by the node
  const checked = pick(parsed.data as ValueMap, (option) => !(option in section) || option in options);
  const noKeys = Object.keys(shapeOf(schema) ?? {}).length === 0 && Object.keys(parent).length === 0;
  const bare = noKeys && !isComponentMap(key);
  return { name: canonical, node: bare ? canonical : { name: canonical, ...checked, ...parent } };
}

/** A dotted key in plain values. */
function at(values: ValueMap, key: string): Value | undefined {
  return key.split('.').reduce<Value | undefined>((node, name) => (isMap(node) ? node[name] : undefined), values);
}

function listAt(values: ValueMap, key: string): Value[] {
  const node = at(values, key);
  return Array.isArray(node) ? node : [];
}

function mapAt(values: ValueMap, key: string): ValueMap {
  const node = at(values, key);
  return isMap(node) ? node : {};
}

function put(values: ValueMap, key: string, node: Value): void {
  const names = key.split('.');
  const last = names.pop()!;
  const parent = at(values, names.join('.')) ?? values;
  if (names.length === 0) values[last] = node;
  else if (isMap(parent)) parent[last] = node;
}

function pick(map: ValueMap, keep: (name: string) => boolean): ValueMap {
  return Object.fromEntries(Object.entries(map).filter(([name]) => keep(name)));
}
