/** Questions about a scene: is there at least one object of these values, one of each attribute? In every combination. */
import type { CategoricalAttribute, Sample } from '../contracts/data';
import { RunError } from '../errors';

/** A sample of the test split, with its number for messages. */
export interface AskedSample {
  readonly index: number;
  readonly original: Pick<Sample, 'attributes' | 'numBackground'>;
}

/**
 * The questions of a data set, V of them: 2 · 8 · 2 · 3 = 96 for 2 sizes, 8 colours, 2 materials and 3 shapes. They are
 * numbered by the values in the order of the attributes, the last one varying fastest.
 *
 * Source: `prepare_test_vqa` in the reference's `osc/data`.
 */
export class ObjectQuestions {
  /** V */
  readonly count: number;

  constructor(private readonly categories: readonly CategoricalAttribute[]) {
    this.count = categories.reduce((product, { values }) => product * values.length, 1);
  }

  /** Attributes that answers are read from and that a sample does not have. */
  missing(sample: Pick<Sample, 'attributes'>): string[] {
    return missingAttributes(sample, this.categories);
  }

  /**
   * Answers by the visible objects; the background is none, whatever its visibility.
   *
   * @returns `[V]`, 0 or 1
   * @throws RunError for attributes that are missing, or that a visible object cannot have
   */
  answer(sample: AskedSample): Uint8Array {
    const codesOf = categoryCodes(sample, this.categories);
    const visibility = sample.original.attributes!['visibility']!.values;
    const answers = new Uint8Array(this.count);
    for (let k = sample.original.numBackground ?? 1; k < visibility.length; k++) {
      if (visibility[k] === 0) continue;
      const question = codesOf(k).reduce((number, code, i) => number * this.categories[i]!.values.length + code - 1, 0);
      answers[question] = 1;
    }
    return answers;
  }
}

function missingAttributes({ attributes }: Pick<Sample, 'attributes'>, categories: readonly CategoricalAttribute[]) {
  return ['visibility', ...categories.map(({ name }) => name)].filter((name) => attributes?.[name] === undefined);
}

/**
 * What the objects of a sample are told apart by.
 *
 * @returns of an object, by its number among all entities, the code of each category: from 1 to `values.length`
 * @throws RunError for attributes that are missing, or (from what is returned) that an object cannot have
 */
export function categoryCodes(
  { index, original }: AskedSample,
  categories: readonly CategoricalAttribute[],
): (k: number) => number[] {
  const fail = (why: string): never => {
    throw new RunError(`The objects of test image ${index} cannot be told apart by their attributes.`, why);
  };
  const missing = missingAttributes(original, categories);
  if (missing.length > 0) fail(`It has no ${missing.join(', ')}.`);
  return (k) =>
    categories.map(({ name, values }) => {
      const code = original.attributes![name]!.values[k] ?? NaN;
      if (!Number.isInteger(code) || code < 1 || code > values.length) {
        fail(`The ${name} of its visible object ${k} is ${code}, not a whole number from 1 to ${values.length}.`);
      }
      return code;
    });
}
