import type { TestSample } from './contracts/evaluation';
import { RunError } from './errors';
import { prepareTestLabels } from './image';
import type { TrueMasks } from './metrics';

/**
 * What there is to be found in a test image, for `scoreMasks`.
 *
 * @param imageSize `[h, w]` of `sample.masks`
 * @throws RunError for a sample without masks: whether there are any is looked at before work starts, in `check()`
 */
export function trueMasks(
  { index, masks, numMasks, visibility, original }: TestSample,
  imageSize: readonly [number, number],
): TrueMasks {
  if (masks === null || original.masks === undefined) {
    throw new RunError(`Test image ${index} has no masks, while those before it have.`);
  }
  const labels = prepareTestLabels(original.masks, [original.height, original.width], imageSize);
  return { masks, numMasks, numBackground: original.numBackground ?? 1, visibility, labels };
}
