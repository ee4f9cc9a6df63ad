/** `seeds=0..4`: short for a choice of the seeds of a run, all alike. */
import { type Choice, normaliseKey, type Override, SEEDS, shownText } from '../config';
import { UsageError } from '../sdk/errors';
import { type SweptOverride, sweptChoices, sweptInterval } from './dimension';

const SEED_KEYS = ['other.seed', 'data.train.seed'];
/** More seeds than a sweep may have jobs. */
const MAX_SEEDS = 10_000;

/**
 * @param override `seeds=0..4` (both among them), `seeds=0,1,2`, `seeds=range(5)`, `seeds=3`
 * @param all the overrides of the command line
 * @throws UsageError for what is no seed, and where a seed is given otherwise too
 */
export function sweptSeeds(override: Override, all: readonly Override[]): SweptOverride {
  const { text, sweep, operation, value } = override;
  if (operation !== 'set' || override.package !== undefined) refuse(override, 'seeds stands alone, without + or ~.');
  const other = all.find((one) => SEED_KEYS.includes(normaliseKey(one).key));
  if (other) {
    throw new UsageError(
      `${other.key} is given twice: by ${shownText(other.text)} and by ${shownText(text)}.`,
      `${SEEDS} sets ${SEED_KEYS.join(' and ')}.`,
    );
  }
  const print = (seed: string): readonly string[] => SEED_KEYS.map((key) => `${key}=${seed}`);
  if (sweep?.kind === 'glob') return refuse(override, 'A seed is a number, no choice of a config group.');
  if (sweep?.kind === 'interval') {
    const { low, integer } = sweep.interval;
    if (!integer || low < 0) refuse(override, 'Seeds are whole numbers from 0 on.', 'seeds=int(interval(0,1000))');
    return sweptInterval(SEEDS, sweep, print);
  }
  const written = sweep?.choices ?? [{ value: value ?? '', text: '' }];
  const seeds = written.flatMap((choice) => seedsOf(choice.value, override));
  if (seeds.length > MAX_SEEDS) refuse(override, `It gives more than ${MAX_SEEDS} seeds.`);
  return sweptChoices(SEEDS, seeds, { tags: sweep?.tags ?? [], text }, print);
}

function seedsOf(value: unknown, override: Override): Choice[] {
  if (Number.isSafeInteger(value) && Number(value) >= 0) return [{ value: Number(value), text: String(value) }];
  const [, first, last] = (typeof value === 'string' ? /^([0-9]+)\.\.([0-9]+)$/.exec(value) : null) ?? [];
  if (first === undefined) return refuse(override, 'Seeds are whole numbers from 0 on.');
  const [from, to] = [Number(first), Number(last)];
  if (to < from) refuse(override, `${from}..${to} ends before it begins.`, `seeds=${to}..${from}`);
  if (!Number.isSafeInteger(to)) refuse(override, 'A seed is at most 2^53 - 1.');
  if (to - from >= MAX_SEEDS) refuse(override, `It gives more than ${MAX_SEEDS} seeds.`);
  return Array.from({ length: to - from + 1 }, (_, index) => ({ value: from + index, text: String(from + index) }));
}

function refuse({ text }: Override, why: string, hint = 'seeds=0..4'): never {
  throw new UsageError(`The override ${shownText(text)} gives no seeds.`, why, [hint]);
}
