import * as tf from '@tensorflow/tfjs-core';
import type { Loss, LossInputs, Reduction } from 'osc-trainer/sdk';
import { OPTIONS, component, inject, requireSlots, z } from 'osc-trainer/sdk';
import { contrastiveLogits, crossEntropy, l2Normalize, matchedSlots } from 'osc-trainer/sdk/ops';

const options = z.strictObject({
  temp: z.number().positive().default(0.1).describe('temperature: cosine similarities are divided by it'),
});

type Options = z.infer<typeof options>;

/**
 * Contrastive loss on `p_slots`. The slots of the two views of an image are matched one to one by cosine similarity; then
 * each slot must pick its match among the 2BS - 1 other slots of the batch. `none` gives `[2BS]`, view 0 first.
 */
@component({
  kind: 'loss',
  name: 'ctr_all',
  key: 'l_objects',
  summary: 'Contrastive: each slot picks its match among all slots of the batch',
  options,
  reference: 'matching_contrastive_loss in osc/loss_objects.py',
})
export class BatchContrastiveLoss implements Loss {
  readonly usesObjects = true;

  constructor(@inject(OPTIONS) private readonly options: Options) {}

  /** @throws UsageError when the model has no slots */
  compute({ outputs }: LossInputs, reduction: Reduction): tf.Tensor {
    const { pSlots } = requireSlots('ctr_all', outputs);
    const [rows, numSlots, width] = pSlots.shape;
    return tf.tidy(() => {
      const unit = l2Normalize(pSlots);
      const targets = tf.tensor1d(matchedSlots(unit), 'int32');
      const slots = tf.reshape(unit, [rows * numSlots, width]);
      const cosines = tf.matMul(slots, slots, false, true);
      const logits = contrastiveLogits(cosines as tf.Tensor2D, this.options.temp);
      return crossEntropy(logits, targets, reduction);
    });
  }
}
