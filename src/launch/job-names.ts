/** What differs between the jobs of a sweep, as their names: `embed_dim=64,num_iters=1`. */
import { createHash } from 'node:crypto';
import type { SweptValue } from '../sdk/contracts/sweeper';
import { identityOf, type SweptOverride } from './dimension';

const MAX_NAME = 100;
const MAX_VALUE = 32;
/** Significant digits of what is drawn from an interval. */
const DIGITS = 5;
const HASH = 6;

interface Label {
  /** Place among the dimensions. */
  readonly index: number;
  readonly key: string;
  /** By {@link identityOf}. */
  readonly values: ReadonlyMap<string, string>;
}

export class JobNames {
  readonly #labels: readonly Label[];

  constructor(swept: readonly SweptOverride[]) {
    const varying = [...swept.entries()].filter(([, { dimension }]) => dimension.choices?.length !== 1);
    const keys = shortKeys(varying.map(([, { dimension }]) => dimension.key));
    this.#labels = varying.map(([index, override], place) => ({
      index,
      key: keys[place] ?? override.dimension.key,
      values: labelsOf(override),
    }));
  }

  /** Empty where all jobs are alike. */
  of(values: readonly SweptValue[]): string {
    const pairs = this.#labels.map(({ index, key, values: known }) => {
      const value = values[index] ?? null;
      return `${key}=${known.get(identityOf(value)) ?? drawn(value)}`;
    });
    const name = pairs.join(',');
    if (name.length <= MAX_NAME) return name;
    const hash = createHash('sha256').update(values.map(identityOf).join()).digest('hex').slice(0, HASH);
    return `${name.slice(0, MAX_NAME - HASH - 1)}-${hash}`;
  }
}

/** The last part of each key; more parts where two would be the same. */
function shortKeys(keys: readonly string[]): string[] {
  const parts = keys.map((key) => key.split(/[./@]/));
  const shortened = (index: number, count: number): string => parts[index]!.slice(-count).join('.');
  return keys.map((key, index) => {
    for (let count = 1; count < parts[index]!.length; count++) {
      const short = shortened(index, count);
      if (keys.every((_, other) => other === index || shortened(other, count) !== short)) return fit(short);
    }
    return fit(key);
  });
}

/** Texts of choices that differ, differ as labels too. */
function labelsOf({ dimension, texts }: SweptOverride): Map<string, string> {
  const labels = new Map<string, string>();
  const taken = new Set<string>();
  for (const value of dimension.choices ?? []) {
    const id = identityOf(value);
    const plain = fit(typeof value === 'string' ? value : (texts.get(id) ?? id)).slice(0, MAX_VALUE);
    const label = taken.has(plain) ? `${plain}_${taken.size}` : plain;
    taken.add(label);
    labels.set(id, label);
  }
  return labels;
}

function drawn(value: SweptValue): string {
  return fit(typeof value === 'number' ? String(Number(value.toPrecision(DIGITS))) : String(value));
}

/** What names of folders hold on every system. `[64,64]` is 64-64. */
function fit(text: string): string {
  const words = text.replace(/[^\p{L}\p{N}_.+-]+/gu, ' ').trim();
  return words === '' ? '_' : words.replaceAll(' ', '-');
}
