import * as tf from '@tensorflow/tfjs-core';
import type { Loss, LossInputs, Reduction } from 'osc-trainer/sdk';
import type { SlotMatches } from 'osc-trainer/sdk/ops';
import { OPTIONS, component, inject, requireSlots, z } from 'osc-trainer/sdk';
import { contrastiveLogits, crossEntropy, l2Normalize, matchSlots } from 'osc-trainer/sdk/ops';

const options = z.strictObject({
  temp: z.number().positive().default(0.1).describe('temperature: cosine similarities are divided by it'),
});

type Options = z.infer<typeof options>;

/**
 * Contrastive loss on `p_slots`. The slots of the two views of an image are matched one to one by cosine similarity; then
 * each slot must pick its match among the 2S - 1 other slots of the two views. `none` gives `[2BS]`, view 0 first.
 */
@component({
  kind: 'loss',
  name: 'ctr_img',
  key: 'l_objects',
  summary: 'Contrastive: each slot picks its match among the slots of both views of its image',
  options,
  reference: 'matching_contrastive_loss_per_img in osc/loss_objects.py',
})
export class ImageContrastiveLoss implements Loss {
  readonly usesObjects = true;

  constructor(@inject(OPTIONS) private readonly options: Options) {}

  /** @throws UsageError when the model has no slots */
  compute({ outputs }: LossInputs, reduction: Reduction): tf.Tensor {
    const { pSlots } = requireSlots('ctr_img', outputs);
    const [rows, numSlots, width] = pSlots.shape;
    const batch = rows / 2;
    return tf.tidy(() => {
      // [2B, S, C] -> [B, 2S, C]: all slots of an image in one matrix, view 0 first
      const views = tf.reshape(l2Normalize(pSlots), [2, batch, numSlots, width]);
      const slots = tf.reshape(tf.transpose(views, [1, 0, 2, 3]), [batch, 2 * numSlots, width]);
      const cosines = tf.matMul<tf.Tensor3D>(slots, slots, false, true);
      const matches = matchSlots(tf.slice(cosines, [0, 0, numSlots], [batch, numSlots, numSlots]));
      const logits = contrastiveLogits(cosines, this.options.temp);
      const losses = crossEntropy(
        tf.reshape(logits, [rows * numSlots, 2 * numSlots]),
        targetsOf(matches, batch, numSlots),
        reduction,
      );
      if (reduction !== 'none') return losses;
      const byView = tf.transpose(tf.reshape(losses, [batch, 2, numSlots]), [1, 0, 2]);
      return tf.reshape(byView, [rows * numSlots]);
    });
  }
}

/** `[B * 2S]`: for every slot of an image (view 0 first) the index of its match among them. */
function targetsOf({ ofView0, ofView1 }: SlotMatches, batch: number, numSlots: number): tf.Tensor1D {
  const targets = new Int32Array(batch * 2 * numSlots);
  for (let b = 0; b < batch; b++) {
    for (let s = 0; s < numSlots; s++) {
      const row = b * 2 * numSlots + s;
      targets[row] = numSlots + ofView0[b * numSlots + s]!;
      targets[row + numSlots] = ofView1[b * numSlots + s]!;
    }
  }
  return tf.tensor1d(targets, 'int32');
}
