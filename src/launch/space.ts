/** From the overrides of a command line to what a sweep searches in, and back to the overrides of each job. */
import {
  type GroupFolders,
  normaliseKey,
  type Override,
  parseOverrides,
  SEEDS,
  shownText,
  targetOf,
  translateHydra,
} from '../config';
import { MAX_SWEEP_JOBS, type SearchDimension, type SweptValue } from '../sdk/contracts/sweeper';
import { UsageError } from '../sdk/errors';
import { countOf } from '../util/text';
import { dimensionOf, identityOf, type SweptOverride } from './dimension';
import { JobNames } from './job-names';
import { sweptSeeds } from './seeds';

export interface SweepJob {
  /** From 0, in the order of the sweep. */
  readonly number: number;
  /** One for each dimension. */
  readonly values: readonly SweptValue[];
  /** What differs: `embed_dim=64,num_iters=1`; empty where nothing does. Fit for a folder, and of at most 100 characters. */
  readonly name: string;
  /** In the order of the command line. */
  readonly overrides: readonly string[];
}

export class SweepSpace {
  readonly dimensions: readonly SearchDimension[];
  readonly #parts: readonly (string | SweptOverride)[];
  readonly #swept: readonly SweptOverride[];
  readonly #names: JobNames;

  /** @param parts the overrides in their order: as they were written, or swept */
  constructor(parts: readonly (string | SweptOverride)[]) {
    this.#parts = parts;
    this.#swept = parts.filter((part) => typeof part !== 'string');
    this.dimensions = this.#swept.map(({ dimension }) => dimension);
    this.#names = new JobNames(this.#swept);
  }

  /** A job of the space: its first one, where each dimension has its first choice or the lower end of its interval. */
  get sample(): readonly SweptValue[] {
    return this.dimensions.map(({ choices, interval }) => choices?.[0] ?? interval?.low ?? null);
  }

  /** In the order of the command line. @param values one of the space for each dimension */
  overridesOf(values: readonly SweptValue[]): string[] {
    let next = 0;
    const overrides: string[] = [];
    for (const part of this.#parts) {
      if (typeof part === 'string') overrides.push(part);
      else overrides.push(...part.print(values[next++] ?? null));
    }
    return overrides;
  }

  /** {@link SweepJob.name} */
  nameOf(values: readonly SweptValue[]): string {
    return this.#names.of(values);
  }

  /**
   * The jobs that a sweeper proposes.
   *
   * @param before jobs that it proposed earlier
   * @throws UsageError for no jobs at all, too many, two that are the same, and values that are none of the space
   */
  jobs(proposed: readonly (readonly SweptValue[])[], before: readonly SweepJob[] = []): SweepJob[] {
    const total = before.length + proposed.length;
    if (total === 0) throw new UsageError('The sweep has no jobs.', 'Its sweeper proposes none.', ['sweeper=grid']);
    if (total > MAX_SWEEP_JOBS) {
      throw new UsageError(`The sweep has ${total} jobs, and at most ${MAX_SWEEP_JOBS} are allowed.`);
    }
    const known = new Map(before.map((job) => [this.#idOf(job.values), job.number]));
    return proposed.map((values, index) => {
      const number = before.length + index;
      this.#refuseForeign(values, number);
      const id = this.#idOf(values);
      const other = known.get(id);
      if (other !== undefined) {
        throw new UsageError(
          `The jobs ${other} and ${number} of the sweep are the same: ${this.nameOf(values) || id}.`,
        );
      }
      known.set(id, number);
      return { number, values, name: this.nameOf(values), overrides: this.overridesOf(values) };
    });
  }

  #idOf(values: readonly SweptValue[]): string {
    return values.map(identityOf).join();
  }

  #refuseForeign(values: readonly SweptValue[], number: number): void {
    const wrong = (why: string): never => {
      throw new UsageError(`The sweeper proposes a job ${number} that is none of the sweep.`, why);
    };
    if (values.length !== this.#swept.length) {
      wrong(`It has ${countOf(values.length, 'value')} for ${countOf(this.#swept.length, 'key')}.`);
    }
    for (const [index, { dimension, has }] of this.#swept.entries()) {
      const value = values[index] ?? null;
      if (!has(value)) wrong(`${dimension.key} cannot be ${shownText(JSON.stringify(value))} there.`);
    }
  }
}

/**
 * @param texts overrides, with choices or without; those without stay as they are
 * @param groups where the choices are that `glob()` selects from
 * @throws UsageError for what cannot be read, is given twice, gives a choice twice, or has no choice
 */
export function readSpace(
  texts: readonly string[],
  groups: Pick<GroupFolders, 'has' | 'choices' | 'groups'>,
): SweepSpace {
  const overrides = parseOverrides(texts);
  refuseDoubles(overrides);
  const parts = overrides.map((override): string | SweptOverride => {
    if (override.key === SEEDS) return sweptSeeds(override, overrides);
    const { sweep, text } = override;
    return sweep === undefined ? text : dimensionOf(override, sweep, groups);
  });
  return new SweepSpace(parts);
}

/** What is given choices is given them once; what chooses the jobs or runs them is one for all. */
function refuseDoubles(overrides: readonly Override[]): void {
  const translated = overrides.map((override) => normaliseKey(translateHydra(override)));
  const seen = new Map<string, Override>();
  for (const override of translated) {
    const { key, sweep, text } = override;
    const target = targetOf(override);
    const before = seen.get(target);
    if (before && ((before.sweep ?? sweep) !== undefined || key === SEEDS)) {
      throw new UsageError(`${key} is given twice: by ${shownText(before.text)} and by ${shownText(text)}.`);
    }
    seen.set(target, override);
    if (sweep !== undefined && /^(launcher|sweeper)([./]|$)/.test(key)) {
      throw new UsageError(
        `The override ${shownText(text)} gives ${key} several values.`,
        'A sweep has one launcher and one sweeper.',
        [`${key}=VALUE`],
      );
    }
  }
}
