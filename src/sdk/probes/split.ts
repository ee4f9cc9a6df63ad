/** Where the test split is cut: a probe is trained on its first images and measured on the others. */
import { RunError, UsageError } from '../errors';

/**
 * Images to train on: the first `floor(split * numImages)`.
 *
 * @param evaluator its name, for the message
 * @throws UsageError where none is left to train on, or to measure
 */
export function checkProbeSplit(evaluator: string, split: number, numImages: number): void {
  if (leavesBoth(split, numImages)) return;
  throw new UsageError(
    `The evaluator ${evaluator} trains on a part of the test split and measures on the rest; of ${numImages} ` +
      `${numImages === 1 ? 'image' : 'images'} a split of ${split} leaves nothing for one of them.`,
    undefined,
    [numImages > 1 ? `data.test.${evaluator}.split=0.5` : 'data.test.evaluators=[]', 'data.test.max_samples=null'],
  );
}

/**
 * The images of {@link checkProbeSplit}, when they have been read.
 *
 * @throws RunError where so many are broken that none is left to train on, or to measure
 */
export function splitForProbe<T>(
  evaluator: string,
  split: number,
  images: readonly T[],
): [trained: T[], measured: T[]] {
  if (!leavesBoth(split, images.length)) {
    throw new RunError(
      `The evaluator ${evaluator} cannot split the ${images.length} images of the test split that could be read.`,
    );
  }
  const trained = Math.floor(split * images.length);
  return [images.slice(0, trained), images.slice(trained)];
}

function leavesBoth(split: number, numImages: number): boolean {
  const trained = Math.floor(split * numImages);
  return trained > 0 && trained < numImages;
}
