import * as tf from '@tensorflow/tfjs-core';
import type { Loss, LossInputs, Reduction } from 'osc-trainer/sdk';
import { component, z } from 'osc-trainer/sdk';
import { l2Normalize, withoutGradient } from 'osc-trainer/sdk/ops';

const options = z.strictObject({});

/**
 * SimSiam's loss: minus the cosine similarity of `p_global` of a view to `f_global` of the other view of its image. No
 * gradient flows through `f_global`. Between -1 and 1; `none` gives `[2B]`.
 */
@component({
  kind: 'loss',
  name: 'sim',
  key: 'l_global',
  summary: 'Similarity of the two views of an image, without negatives',
  options,
  reference:
    'X. Chen and K. He, Exploring simple Siamese representation learning, 2021; cosine_sim_loss in osc/loss_global.py',
})
export class SimilarityLoss implements Loss {
  readonly usesObjects = false;

  compute({ outputs: { fGlobal, pGlobal } }: LossInputs, reduction: Reduction): tf.Tensor {
    return tf.tidy(() => {
      const targets = withoutGradient([fGlobal], () => {
        const [view0, view1] = tf.split(l2Normalize(fGlobal), 2) as [tf.Tensor2D, tf.Tensor2D];
        return tf.concat([view1, view0]);
      });
      const losses = tf.neg(tf.sum(tf.mul(l2Normalize(pGlobal), targets), -1));
      if (reduction === 'none') return losses;
      return reduction === 'mean' ? tf.mean(losses) : tf.sum(losses);
    });
  }
}
