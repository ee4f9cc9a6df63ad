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
  missing({ attributes }: Pick<Sample, 'attributes'>): string[] {
    return ['visibility', ...this.categories.map(({ name }) => name)].filter(
      (name) => attributes?.[name] === undefined,
    );
  }

  /**
   * Answers by the visible objects; the background is none, whatever its visibility.
   *
   * @returns `[V]`, 0 or 1
   * @throws RunError for attributes that are missing, or that a visible object cannot have
   */
  answer({ index, original }: AskedSample): Uint8Array {
    const fail = (why: string): never => {
      throw new RunError(`The objects of test image ${index} cannot be told apart by their attributes.`, why);
    };
    const valuesOf = (name: string): ArrayLike<number> =>
      original.attributes?.[name]?.values ?? fail(`It has no ${this.missing(original).join(', ')}.`);
    const visibility = valuesOf('visibility');
    const columns = this.categories.map(({ name, values }) => ({ name, count: values.length, codes: valuesOf(name) }));
    const answers = new Uint8Array(this.count);
    for (let k = original.numBackground ?? 1; k < visibility.length; k++) {
      if (visibility[k] === 0) continue;
      let question = 0;
      for (const { name, count, codes } of columns) {
        const code = codes[k] ?? NaN;
        if (!Number.isInteger(code) || code < 1 || code > count) {
          fail(`The ${name} of its visible object ${k} is ${code}, not a whole number from 1 to ${count}.`);
        }
        question = question * count + code - 1;
      }
      answers[question] = 1;
    }
    return answers;
  }
}
