/** In which keys of their config runs differ. */
import { INCIDENTAL, isAmong, SEEDS } from './incidental-keys';
import type { NamedRun } from './read-runs';

export interface DifferingKey {
  /** Dotted. */
  readonly key: string;
  /** The end of the key, as much of it as no other key of these configs has. */
  readonly label: string;
  readonly isSeed: boolean;
  /** One a run; undefined where it has not the key. */
  readonly values: readonly unknown[];
}

/** The weights that a run started from: no key, and yet a difference. */
const INIT_FROM = 'init-from';

/** What was chosen on command lines first, then in the order of the config. Seeds that go together are one. */
export function differingKeys(runs: readonly NamedRun[]): DifferingKey[] {
  if (runs.length < 2) return [];
  const all = allKeys(runs);
  const labels = shortKeys(all);
  const typed = typedKeys(runs);
  const keys = new Set(all);
  const differing = all.flatMap((key): DifferingKey[] => {
    // where others have a component, that there is none is told of its name
    if (keys.has(`${key}.name`)) return [];
    const values = valuesOf(runs, key);
    if (areEqual(values) || isLeftOut(key, typed)) return [];
    return [{ key, label: labels.get(key)!, isSeed: SEEDS.includes(key), values }];
  });
  const found = differing.filter((one) => !isImplied(one, differing));
  const wasTyped = ({ key }: DifferingKey): boolean => typed.some(({ prefix }) => isAmong(key, [prefix]));
  const sorted = [...found.filter(wasTyped), ...found.filter((one) => !wasTyped(one))];
  return foldSeeds(sorted);
}

/** One key of a config, whether the runs differ in it or not; undefined where no run has it. */
export function keyOfRuns(runs: readonly NamedRun[], key: string): DifferingKey | undefined {
  const all = allKeys(runs);
  if (!all.includes(key)) return undefined;
  return { key, label: shortKeys(all).get(key)!, isSeed: SEEDS.includes(key), values: valuesOf(runs, key) };
}

export function allKeys(runs: readonly NamedRun[]): string[] {
  const keys = new Set(runs.flatMap(({ config }) => [...config.keys()]));
  if (runs.some(({ sessions }) => sessions[0]?.initFrom != null)) keys.add(INIT_FROM);
  return [...keys];
}

function valuesOf(runs: readonly NamedRun[], key: string): unknown[] {
  const { parent, last } = splitLast(key);
  if (last === 'name') return runs.map(({ config }) => (config.has(key) ? config.get(key) : config.get(parent)));
  if (key !== INIT_FROM) return runs.map(({ config }) => config.get(key));
  return runs.map(({ sessions }) => sessions[0]?.initFrom?.sha256.slice(0, 12));
}

const identity = (value: unknown): string => (value === undefined ? '' : JSON.stringify(value));

function areEqual(values: readonly unknown[]): boolean {
  const [first] = values;
  // nearly all are, and of nearly all one look tells
  if (values.every((value) => value === first)) return true;
  const text = identity(first);
  return values.every((value) => identity(value) === text);
}

/** An option of a component that not all chose, and those that did gave the same value: that they chose it is the difference. */
function isImplied({ key, values }: DifferingKey, differing: readonly DifferingKey[]): boolean {
  if (!values.includes(undefined) || !areEqual(values.filter((value) => value !== undefined))) return false;
  const words = key.split('.');
  return differing.some((other) => {
    if (other.key === key) return false;
    const { parent, last } = splitLast(other.key);
    if (last === 'name' && key.startsWith(`${parent}.`)) return true;
    return other.values.some((value) => Array.isArray(value) && value.some((item) => words.includes(String(item))));
  });
}

/** Where it runs and what is told of it counts only where every run was asked for it. */
function isLeftOut(key: string, typed: readonly TypedKey[]): boolean {
  if (!isAmong(key, INCIDENTAL)) return false;
  return !isAmong(key, CHOSEN) || !typed.some(({ prefix, byAll }) => byAll && isAmong(key, [prefix]));
}

/** Of what is left out, what somebody may compare on purpose. */
const CHOSEN = ['engine', 'data.num_workers', 'data.threads'];

interface TypedKey {
  readonly prefix: string;
  /** On the command line of every run. */
  readonly byAll: boolean;
}

function typedKeys(runs: readonly NamedRun[]): TypedKey[] {
  const counts = new Map<string, number>();
  for (const { overrides } of runs) {
    const own = new Set(
      overrides.overrides.flatMap((text) => /^[+~]*([\w./-]+)=/.exec(text)?.[1]?.replaceAll('/', '.') ?? []),
    );
    for (const key of own) counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  return Array.from(counts, ([prefix, count]) => ({ prefix, byAll: count === runs.length }));
}

/** `train.seed` and `other.seed` that have the same values are told once. */
function foldSeeds(keys: readonly DifferingKey[]): DifferingKey[] {
  const seeds = keys.filter(({ isSeed }) => isSeed);
  const same = seeds.length > 1 && seeds.every(({ values }) => identity(values) === identity(seeds[0]!.values));
  if (!same) return [...keys];
  return keys.flatMap((one) => (!one.isSeed ? [one] : one === seeds[0] ? [{ ...one, label: 'seed' }] : []));
}

function splitLast(key: string): { parent: string; last: string } {
  const dot = key.lastIndexOf('.');
  return { parent: key.slice(0, Math.max(0, dot)), last: key.slice(dot + 1) };
}

/** The last words of each key, as many as tell it from all others. */
export function shortKeys(keys: readonly string[]): Map<string, string> {
  // a component is told of by its place
  const told = new Map(keys.map((key) => [key, key.replace(/(?<=.)\.name$/, '')]));
  const ends = new Map<string, number>();
  for (const key of new Set(told.values())) for (const end of endsOf(key)) ends.set(end, (ends.get(end) ?? 0) + 1);
  return new Map(Array.from(told, ([key, text]) => [key, endsOf(text).find((end) => ends.get(end) === 1) ?? key]));
}

/** The shortest first. */
function endsOf(key: string): string[] {
  const words = key.split('.');
  return words.map((_, i) => words.slice(words.length - 1 - i).join('.'));
}
