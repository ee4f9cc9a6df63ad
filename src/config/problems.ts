/** From a schema's complaints to sentences that name key, place, what was expected and what came. */
import type { z } from 'zod';
import { UsageError } from '../sdk/errors';
import { nearNames, suggest } from '../util/near-names';
import { componentNodeOf } from './component-schema';
import { displayPath } from './origin';
import { isNullable, schemaAt, shapeOf, unwrap } from './schema-walk';
import { describeValue, isMap, ownValue } from './value';

/** One mistake in a config. */
export interface Problem {
  readonly what: string;
  readonly why?: string | undefined;
  readonly hints: readonly string[];
}

/** What a checked part of the config needs to be talked about. */
export interface Subject {
  /** Dotted key of the part; empty for the whole config. */
  readonly prefix: string;
  readonly schema: z.ZodType;
  readonly value: unknown;
  /** Keys valid in the map at a dotted key that the schema does not list. */
  readonly furtherKeys?: (key: string) => readonly string[];
  /** The command that lists what is valid. */
  readonly list: string;
  /** All dotted keys of the config, to find a key that was written in the wrong place. */
  readonly allKeys?: readonly string[];
  /** Names of config groups, for a key that was meant as one. */
  readonly groups?: readonly string[];
  /** Where the value at a dotted key was written, in words. */
  readonly place: (key: string) => string;
}

export function problemsOf(error: Pick<z.ZodError, 'issues'>, subject: Subject): Problem[] {
  return error.issues.flatMap((issue): Problem[] => {
    const path = issue.path;
    const key = dotted(subject.prefix, path);
    if (issue.code === 'unrecognized_keys') return issue.keys.map((name) => unknownKey(name, path, subject));
    const got = valueAt(subject.value, path);
    const schema = schemaAt(subject.schema, path);
    if (got === undefined) {
      return [{ what: `${key} is missing: it should be ${expectation(issue, schema)}.`, hints: [subject.list] }];
    }
    const near =
      issue.code === 'invalid_value' && typeof got === 'string' ? nearNames(got, issue.values.map(String)) : [];
    return [
      {
        what: `${key} should be ${expectation(issue, schema)}, not ${describeValue(got)} (${subject.place(key)}).`,
        why: suggest(near) ?? listHint(issue, got),
        hints: [subject.list],
      },
    ];
  });
}

/** `a.0=1` makes a map of what should be a list. */
function listHint(issue: z.core.$ZodIssue, got: unknown): string | undefined {
  const isList = issue.code === 'invalid_type' && ['array', 'tuple'].includes(issue.expected);
  const isMapOfItems = isMap(got) && Object.keys(got).every((key) => /^\d+$/.test(key));
  return isList && isMapOfItems ? 'An item of a list cannot be set by itself: write the whole list.' : undefined;
}

function unknownKey(name: string, path: readonly PropertyKey[], subject: Subject): Problem {
  const key = dotted(subject.prefix, [...path, name]);
  const parent = dotted(subject.prefix, path);
  const here = Object.keys(shapeOf(schemaAt(subject.schema, path)) ?? {}).concat(subject.furtherKeys?.(parent) ?? []);
  const near = nearNames(name, here).map((found) => (parent === '' ? found : `${parent}.${found}`));
  const elsewhere = (subject.allKeys ?? []).filter((known) => known.endsWith(`.${name}`));
  const groups = parent === '' ? nearNames(name, subject.groups ?? []).map((group) => `the group ${group}`) : [];
  const suggestions = [
    ...new Set([...near, ...elsewhere, ...groups.filter((group) => !near.includes(group.slice(10)))]),
  ].slice(0, 4);
  const valid = parent === '' ? 'The sections are' : `The keys of ${parent} are`;
  return {
    what: `There is no ${parent === '' && subject.groups ? 'key or config group' : 'key'} ${key} (${subject.place(key)}).`,
    why: suggest(suggestions) ?? `${valid} ${here.join(', ')}.`,
    hints: [subject.list],
  };
}

/** What the schema wants, as it stands after "should be". */
function expectation(issue: z.core.$ZodIssue, schema: z.ZodType | undefined): string {
  const orNull = schema !== undefined && isNullable(schema) ? ', or null' : '';
  const isComponent =
    issue.code === 'invalid_type' && schema !== undefined && componentNodeOf(unwrap(schema)) !== undefined;
  return (isComponent ? 'the name of a component, or a map with its name and options' : base(issue)) + orNull;
}

function base(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case 'invalid_type':
      return TYPES[issue.expected] ?? `of type ${issue.expected}`;
    case 'invalid_value':
      return issue.values.length === 1 ? String(issue.values[0]) : `one of ${issue.values.map(String).join(', ')}`;
    case 'too_small':
      return bound(issue.origin, issue.inclusive ? 'at least' : 'more than', issue.minimum);
    case 'too_big':
      return bound(issue.origin, issue.inclusive ? 'at most' : 'less than', issue.maximum);
    default:
      return issue.message.replace(/^should be /, '');
  }
}

function bound(origin: string, relation: string, limit: number | bigint): string {
  if (origin === 'array') return `a list of ${relation} ${limit} items`;
  if (origin === 'string') return `text of ${relation} ${limit} characters`;
  return `${relation} ${limit}`;
}

const TYPES: Readonly<Record<string, string>> = {
  int: 'an integer',
  number: 'a number',
  string: 'text',
  boolean: 'true or false',
  array: 'a list',
  tuple: 'a list',
  object: 'a map',
};

/** Nobody reads thousands. */
const MAX_TOLD = 30;

/**
 * @param file that all of the config is read from, if it is one: what is missing in it was written nowhere else
 * @throws UsageError for one mistake or more
 */
export function throwProblems(problems: readonly Problem[], file?: string): void {
  const [first] = problems;
  if (first === undefined) return;
  const hints = [...new Set(problems.flatMap((problem) => problem.hints))].slice(0, MAX_TOLD);
  const config = file === undefined ? 'The config' : `The config ${displayPath(file)}`;
  if (problems.length === 1) {
    throw new UsageError(file === undefined ? first.what : `${config} has a mistake: ${first.what}`, first.why, hints);
  }
  const told = problems.slice(0, MAX_TOLD);
  const lines = told.map(({ what, why }) => `  - ${what}${why === undefined ? '' : ` ${why}`}`);
  if (problems.length > MAX_TOLD) lines.push(`  … and ${problems.length - MAX_TOLD} more.`);
  throw new UsageError(`${config} has ${problems.length} mistakes:\n${lines.join('\n')}`, undefined, hints);
}

function dotted(prefix: string, path: readonly PropertyKey[]): string {
  return path.reduce<string>((key, name) => {
    if (typeof name === 'number') return `${key}[${name}]`;
    return key === '' ? String(name) : `${key}.${String(name)}`;
  }, prefix);
}

function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>((node, name) => {
    if (Array.isArray(node)) return node[Number(name)];
    return ownValue(node, String(name));
  }, value);
}
