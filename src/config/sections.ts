/** Sections beside a list of components, with options of one of them: `data.test.vqa` beside `data.test.evaluators`. */
import type { ComponentCatalog } from '../sdk/catalog';
import { COMPONENT_KEYS, type ComponentKey, sectionsOf } from './component-keys';
import type { Problem } from './problems';
import { rootSchema } from './schema';
import { schemaAt, shapeOf } from './schema-walk';
import { describeValue, isMap, pick, putValue, valueAt, type ValueMap } from './value';

export interface Section {
  readonly list: ComponentKey;
  /** Of the component. */
  readonly name: string;
  /** Its dotted key. */
  readonly where: string;
  readonly options: ValueMap;
}

const LISTS = COMPONENT_KEYS.filter(({ list }) => list);
/** Keys of the root schema beside each list, by the dotted key of the map. */
const OWN_KEYS: ReadonlyMap<string, readonly string[]> = new Map(
  LISTS.map(sectionsOf).map((map) => [map, Object.keys(shapeOf(schemaAt(rootSchema, map.split('.'))) ?? {})]),
);

/** The sections that a map may have. A key of the root schema is none, whatever components there are. */
export function sectionNames(parent: string, catalog: ComponentCatalog): string[] {
  const lists = LISTS.filter((list) => sectionsOf(list) === parent);
  const own = OWN_KEYS.get(parent);
  if (own === undefined) return [];
  const entries = lists.flatMap(({ kind }) => catalog.entries(kind)).filter(({ enabled }) => enabled);
  return entries.map(({ name }) => name).filter((name) => !own.includes(name));
}

/** Takes the sections out of a config, as the root schema knows none of them. */
export function takeSections(
  written: ValueMap,
  catalog: ComponentCatalog,
  place: (key: string) => string,
  problems: Problem[],
): { rest: ValueMap; sections: Section[] } {
  const rest = structuredClone(written);
  const sections = LISTS.flatMap((list) => {
    const parent = valueAt(rest, sectionsOf(list));
    if (!isMap(parent)) return [];
    const names = sectionNames(sectionsOf(list), catalog);
    const others = pick(parent, (name) => !names.includes(name));
    putValue(rest, sectionsOf(list), others);
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
  return { rest, sections };
}
