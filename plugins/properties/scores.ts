/** From what probes say of objects to numbers. */
import type { OutputLayout } from './outputs';
import type { ObjectProperties } from './scene-slots';
import type { ObjectPrediction } from './train-probe';

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

/**
 * Part of the objects whose value of a category is the one with the largest logit. An object without a slot counts as wrong.
 *
 * @param a number of the category
 */
export function accuracy(predictions: readonly ObjectPrediction[], a: number, { sizes }: OutputLayout): number {
  const from = sizes.slice(0, a).reduce((sum, size) => sum + size, 0);
  return mean(
    predictions.map(({ object, outputs }) => {
      if (outputs === null) return 0;
      const logits = outputs.subarray(from, from + sizes[a]!);
      return Number(logits.indexOf(Math.max(...logits)) === object.codes[a]);
    }),
  );
}

/**
 * R² of the position, mean of those of x and y: 1 less the squared errors over the squared deviations from the mean. For an object
 * without a slot the mean of the training objects is said. NaN where all objects have one x or one y.
 */
export function positionR2(predictions: readonly ObjectPrediction[], { sizes, standardize }: OutputLayout): number {
  const from = sizes.reduce((sum, size) => sum + size, 0);
  return mean(
    [0, 1].map((axis) => {
      const truth = predictions.map(({ object }) => standardize(object.position)[axis]!);
      const centre = mean(truth);
      const spread = mean(truth.map((value) => (value - centre) ** 2));
      const errors = predictions.map(({ outputs }, i) => ((outputs?.[from + axis] ?? 0) - truth[i]!) ** 2);
      return spread === 0 ? NaN : 1 - mean(errors) / spread;
    }),
  );
}

/** Accuracy of always saying what most of the training objects are. */
export function majorityAccuracy(
  trained: readonly ObjectProperties[],
  measured: readonly ObjectProperties[],
  a: number,
  { sizes }: OutputLayout,
): number {
  const counts = new Array<number>(sizes[a]!).fill(0);
  for (const { codes } of trained) counts[codes[a]!]!++;
  const most = counts.indexOf(Math.max(...counts));
  return mean(measured.map(({ codes }) => Number(codes[a] === most)));
}
