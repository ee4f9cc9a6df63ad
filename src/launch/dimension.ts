/** One of the overrides of a sweep that give several values. */
import {
  type Choice,
  globNames,
  type GroupFolders,
  type Override,
  printHead,
  printTyped,
  shownText,
  type Sweep,
} from '../config';
import type { SearchDimension, SearchInterval, SweptValue } from '../sdk/contracts/sweeper';
import { UsageError } from '../sdk/errors';
import { didYouMean } from '../util/near-names';

/** What is swept, and what each of its values comes to. */
export interface SweptOverride {
  readonly dimension: SearchDimension;
  /** The values to choose of as they were written; none for an interval. */
  readonly texts: ReadonlyMap<string, string>;
  has(value: SweptValue): boolean;
  /** The overrides of a job that has this value. */
  print(value: SweptValue): readonly string[];
}

type Groups = Pick<GroupFolders, 'has' | 'choices' | 'groups'>;

/** The same for the same values alone. NaN and infinite numbers have no JSON of their own. */
export function identityOf(value: SweptValue): string {
  return JSON.stringify(value, (_, item: unknown) =>
    typeof item === 'number' && !Number.isFinite(item) ? `\0${item}` : item,
  );
}

/** @throws UsageError for a choice that is given twice, and a pattern that nothing matches */
export function dimensionOf(override: Override, sweep: Sweep, groups: Groups): SweptOverride {
  const head = printHead(override);
  const key = printHead({ ...override, operation: 'set' });
  const print = (text: string): readonly string[] => [`${head}=${text}`];
  if (sweep.kind === 'interval') return sweptInterval(key, sweep, print);
  const choices = sweep.kind === 'glob' ? globbed(override, sweep, groups) : sweep.choices;
  return sweptChoices(key, choices, { tags: sweep.kind === 'glob' ? [] : sweep.tags, text: override.text }, print);
}

/** @param text the override as it was written, for messages */
export function sweptChoices(
  key: string,
  choices: readonly Choice[],
  { tags, text }: { readonly tags: readonly string[]; readonly text: string },
  print: (text: string) => readonly string[],
): SweptOverride {
  const texts = new Map<string, string>();
  for (const choice of choices) {
    const id = identityOf(choice.value);
    if (texts.has(id)) {
      throw new UsageError(
        `The override ${shownText(text)} gives ${shownText(choice.text)} twice.`,
        'Two jobs of the sweep would be the same.',
      );
    }
    texts.set(id, choice.text);
  }
  // made once: the jobs of a large sweep have each of them many times
  const printed = new Map(Array.from(texts, ([id, written]) => [id, print(written)]));
  return {
    dimension: { key, choices: choices.map(({ value }) => value), tags },
    texts,
    has: (value) => texts.has(identityOf(value)),
    print: (value) => printed.get(identityOf(value)) ?? [],
  };
}

export function sweptInterval(
  key: string,
  { interval, tags }: { readonly interval: SearchInterval; readonly tags: readonly string[] },
  print: (text: string) => readonly string[],
): SweptOverride {
  const { low, high, integer } = interval;
  return {
    dimension: { key, interval, tags },
    texts: new Map(),
    has: (value) => typeof value === 'number' && value >= low && value <= high && (!integer || Number.isInteger(value)),
    print: (value) => print(printTyped({ value: Number(value), ...(integer ? {} : { float: true }) })),
  };
}

/** The choices of a config group that match, sorted. */
function globbed(override: Override, sweep: Sweep & { kind: 'glob' }, groups: Groups): Choice[] {
  const { key, text } = override;
  if (!groups.has(key)) {
    throw new UsageError(
      `The override ${shownText(text)} asks for the choices of ${key}, which is no config group.`,
      didYouMean(key, groups.groups) ?? 'glob() is for groups alone.',
      ['osc config groups'],
    );
  }
  const names = [...groups.choices(key).keys()];
  const found = globNames(names, sweep);
  if (found.length === 0) {
    throw new UsageError(
      `The override ${shownText(text)} matches no choice of the config group ${key}.`,
      names.length === 0 ? undefined : `The choices are ${names.join(', ')}.`,
      [`osc config groups ${key}`],
    );
  }
  return found.map((value) => ({ value, text: printTyped({ value }) }));
}
