import * as tf from '@tensorflow/tfjs-core';
import type { Loss, LossInputs, Reduction } from 'osc-trainer/sdk';
import { component, requireSlots, z } from 'osc-trainer/sdk';
import { l2Normalize, matchedSlots, withoutGradient } from 'osc-trainer/sdk/ops';

const options = z.strictObject({});

/** Unit vectors `[2BS, C]`: for every slot its match in the other view. Slots are constants here. */
function matchesOf(fSlots: tf.Tensor3D): tf.Tensor2D {
  const [rows, numSlots, width] = fSlots.shape;
  return withoutGradient([fSlots], () => {
    const unit = l2Normalize(fSlots);
    const slots = tf.reshape(unit, [rows * numSlots, width]) as tf.Tensor2D;
    return tf.gather(slots, tf.tensor1d(matchedSlots(unit), 'int32'));
  });
}

/**
 * With s the cosine similarity of `p_slots` of a slot to `f_slots` of its match in the other view, `(1 - s) / 2`: between 0
 * and 1. Slots are matched one to one by `f_slots`, through which no gradient flows. `none` gives `[2, B, S]`, view 0 first.
 *
 * `sum` is `(1 - Σ s) / 2`, as in the reference, and so not the sum of `none`.
 */
@component({
  kind: 'loss',
  name: 'sim_img',
  key: 'l_objects',
  summary: 'Similarity of matched slots of two views, without negatives',
  options,
  reference: 'matching_similarity_loss_per_img in osc/loss_objects.py',
})
export class ImageSimilarityLoss implements Loss {
  readonly usesObjects = true;

  /** @throws UsageError when the model has no slots */
  compute({ outputs }: LossInputs, reduction: Reduction): tf.Tensor {
    const { fSlots, pSlots } = requireSlots('sim_img', outputs);
    const [rows, numSlots, width] = pSlots.shape;
    return tf.tidy(() => {
      const projections = tf.reshape(l2Normalize(pSlots), [rows * numSlots, width]);
      const similarities = tf.sum(tf.mul(projections, matchesOf(fSlots)), -1);
      const reduced =
        reduction === 'none'
          ? tf.reshape(similarities, [2, rows / 2, numSlots])
          : reduction === 'mean'
            ? tf.mean(similarities)
            : tf.sum(similarities);
      return tf.mul(tf.sub(1, reduced), 0.5);
    });
  }
}
