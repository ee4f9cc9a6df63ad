/**
 * Questions about a scene of CLEVR, as the reference's `prepare_test_vqa` asks them: is there at least one object of this
 * size, colour, material and shape? In every combination, the last attribute varying fastest.
 */
import type { Sample } from '../contracts/data';
import { RunError } from '../errors';

/** How many values each attribute has; they are counted from 1. */
export const CLEVR_ATTRIBUTES = { size: 2, color: 8, material: 2, shape: 3 } as const;

const ATTRIBUTES = Object.entries(CLEVR_ATTRIBUTES);

/** V = 96. */
export const CLEVR_NUM_QUESTIONS = ATTRIBUTES.reduce((product, [, values]) => product * values, 1);

/** Attributes that the answers are read from and that a sample does not have. */
export function missingClevrAttributes({ attributes }: Pick<Sample, 'attributes'>): string[] {
  return ['visibility', ...Object.keys(CLEVR_ATTRIBUTES)].filter((name) => attributes?.[name] === undefined);
}

/**
 * Answers by the visible objects; entity 0 is the background, whatever its visibility.
 *
 * @param sample of the test split, with its number for messages
 * @returns `[V]`, 0 or 1
 * @throws RunError for attributes that are missing, or that a visible object cannot have
 */
export function answerClevrQuestions(sample: {
  readonly index: number;
  readonly original: Pick<Sample, 'attributes'>;
}): Uint8Array {
  const fail = (why: string): never => {
    throw new RunError(`The objects of test image ${sample.index} cannot be told apart by their attributes.`, why);
  };
  const missing = missingClevrAttributes(sample.original);
  if (missing.length > 0) fail(`It has no ${missing.join(', ')}.`);
  const valuesOf = (name: string): ArrayLike<number> => sample.original.attributes![name]!.values;
  const visibility = valuesOf('visibility');
  const answers = new Uint8Array(CLEVR_NUM_QUESTIONS);
  for (let k = 1; k < visibility.length; k++) {
    if (visibility[k] === 0) continue;
    let question = 0;
    for (const [name, count] of ATTRIBUTES) {
      const value = valuesOf(name)[k]!;
      if (!Number.isInteger(value) || value < 1 || value > count) {
        fail(`The ${name} of its visible object ${k} is ${value}, not a whole number from 1 to ${count}.`);
      }
      question = question * count + value - 1;
    }
    answers[question] = 1;
  }
  return answers;
}
