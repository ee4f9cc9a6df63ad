/** Runs that differ in nothing but their seeds are one experiment. */
import type { RunRecord } from '../../run';
import { INCIDENTAL, isAmong } from '../runs/incidental-keys';
import { publicText } from './markdown';

export interface NamedRun extends RunRecord {
  /** The name of its folder, with that of the folder above where two are called the same. */
  readonly name: string;
}

export interface RunGroup {
  /** What was typed, but for seeds, places and names. */
  readonly title: string;
  readonly runs: readonly NamedRun[];
}

/** Seeds of training; that of the crops of validation is part of what is measured. */
const LEFT_OUT = ['other.seed', 'data.train.seed', ...INCIDENTAL];

/** How many differences a title tells. */
const DIFFERENCES_SHOWN = 4;

const isIncidental = (key: string): boolean => isAmong(key, LEFT_OUT);

/** In the order in which the runs are given. */
export function groupRuns(runs: readonly NamedRun[]): RunGroup[] {
  const groups = new Map<string, { settings: Settings; runs: NamedRun[] }>();
  for (const run of runs) {
    const settings = settingsOf(run);
    const key = JSON.stringify([...settings].sort(([a], [b]) => (a < b ? -1 : 1)));
    const group = groups.get(key) ?? { settings, runs: [] };
    group.runs.push(run);
    groups.set(key, group);
  }
  const all = [...groups.values()].map((group) => ({ ...group, title: titleOf(group.runs) }));
  return all.map((group) => {
    const others = all.filter((other) => other !== group && other.title === group.title);
    const title = others.length === 0 ? group.title : `${group.title} (${differences(group, others)})`;
    return { title, runs: group.runs };
  });
}

/** Dotted key of the config to the JSON of its value. */
type Settings = ReadonlyMap<string, string>;

function settingsOf({ config, sessions }: NamedRun): Settings {
  const settings = new Map(flatten('', config).filter(([key]) => !isIncidental(key)));
  const { initFrom } = sessions[0];
  if (initFrom !== null) settings.set('init-from', initFrom.sha256.slice(0, 12));
  return settings;
}

function flatten(key: string, value: unknown): [string, string][] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return [[key, JSON.stringify(value)]];
  return Object.entries(value).flatMap(([name, inner]) => flatten(key === '' ? name : `${key}.${name}`, inner));
}

/** The shortest of what was typed for its runs. */
function titleOf(runs: readonly NamedRun[]): string {
  const titles = runs.map(({ overrides }) => {
    const told = overrides.overrides.filter((text) => !isIncidental(text.replace(/^[+~]*/, '').split('=', 1)[0]!));
    return told.length === 0 ? 'the defaults' : publicText(told.join(' '));
  });
  return titles.reduce((shortest, title) => (title.length < shortest.length ? title : shortest));
}

/** What a group has that others, for which the same was typed, have not. */
function differences(group: { settings: Settings }, others: readonly { settings: Settings }[]): string {
  const keys = new Set([group, ...others].flatMap(({ settings }) => [...settings.keys()]));
  const differing = [...keys].filter((key) =>
    others.some(({ settings }) => settings.get(key) !== group.settings.get(key)),
  );
  const told = differing.slice(0, DIFFERENCES_SHOWN).map((key) => `${key}=${group.settings.get(key) ?? 'not set'}`);
  const more = differing.length - told.length;
  return publicText([...told, ...(more > 0 ? [`${more} more`] : [])].join(', '));
}
