/** Where the values of a run's config come from, as far as its overrides tell. No config is composed: that would run code. */
import { parseOverrides, type Override } from '../../config';
import { isReportedError } from '../../sdk/errors';
import type { NamedRun } from './read-runs';
import { SEEDS } from './incidental-keys';

const PLUGIN = '--plugin ';

/** @returns of a key that the run has where its value is from, in words */
export function originsOf({ overrides, config }: NamedRun): (key: string) => string {
  const flags = overrides.overrides.filter((text) => text.startsWith(PLUGIN));
  const parsed = overrides.overrides.filter((text) => !text.startsWith(PLUGIN)).flatMap(parse);
  const groups = parsed.filter(({ key, value }) => typeof value === 'string' && !config.has(dotted(key)));
  return (key) => {
    const override = parsed.findLast((one) => isOf(key, dotted(one.key)) && !groups.includes(one));
    if (override !== undefined) return override.text;
    const flag = flags.findLast((text) => isChosenBy(text.slice(PLUGIN.length), key, config));
    if (flag !== undefined) return flag;
    const group = groups.findLast(({ key: name }) => isOf(key, dotted(name)));
    if (group !== undefined) return `${group.text}, or a default`;
    const anywhere = groups.filter(({ key: name }) => !isPlace(config, dotted(name))).map(({ text }) => text);
    const drawn = key === 'logging.name' || SEEDS.includes(key) ? ', or drawn' : '';
    return anywhere.length > 0 ? `${anywhere.join(' ')}, or a default${drawn}` : `groups or defaults${drawn}`;
  };
}

/** Anybody may have written the file: what cannot be read is no origin. */
function parse(text: string): Override[] {
  try {
    return parseOverrides([text]);
  } catch (error) {
    if (isReportedError(error)) return [];
    throw error;
  }
}

/** `model/obj_queries` is the place `model.obj_queries`. */
const dotted = (key: string): string => key.replaceAll('/', '.');

const isOf = (key: string, prefix: string): boolean => key === prefix || key.startsWith(`${prefix}.`);

/** Keys lie there: a group of that name sets these, another may set any. */
function isPlace(config: NamedRun['config'], key: string): boolean {
  return [...config.keys()].some((one) => isOf(one, key));
}

/** A component that `--plugin` chose, its options, or the list it was added to. */
function isChosenBy(flag: string, key: string, config: NamedRun['config']): boolean {
  const equals = flag.indexOf('=');
  const name = flag.slice(equals + 1);
  if (equals >= 0 && !isOf(key, dotted(flag.slice(0, equals)))) return false;
  const words = key.split('.');
  // the options of one in a list stand under its name
  if (words.includes(name)) return true;
  return words.some((_, i) => {
    const place = words.slice(0, words.length - i).join('.');
    const here = config.get(place);
    return here === name || config.get(`${place}.name`) === name || (Array.isArray(here) && here.includes(name));
  });
}
