import * as tf from '@tensorflow/tfjs-core';
import type { Loss, LossInputs, Reduction } from 'osc-trainer/sdk';
import { OPTIONS, component, inject, z } from 'osc-trainer/sdk';
import { contrastiveLogits, crossEntropy, l2Normalize } from 'osc-trainer/sdk/ops';

const options = z.strictObject({
  temp: z.number().positive().default(0.1).describe('temperature: cosine similarities are divided by it'),
});

type Options = z.infer<typeof options>;

/**
 * NT-Xent on `p_global`: cross-entropy over the cosine similarities of a view to the 2B - 1 others of the batch, the other
 * view of the same image being the right one. `none` gives `[2B]`.
 */
@component({
  kind: 'loss',
  name: 'ctr',
  key: 'l_global',
  summary: 'Contrastive: each view picks the other view of its image out of the batch',
  options,
  reference:
    'T. Chen et al., A simple framework for contrastive learning of visual representations, 2020; osc/loss_global.py',
})
export class ContrastiveLoss implements Loss {
  readonly usesObjects = false;

  constructor(@inject(OPTIONS) private readonly options: Options) {}

  compute({ outputs: { pGlobal } }: LossInputs, reduction: Reduction): tf.Tensor {
    const rows = pGlobal.shape[0];
    return tf.tidy(() => {
      const unit = l2Normalize(pGlobal);
      const cosines = tf.matMul(unit, unit, false, true);
      const targets = tf.tensor1d(
        Int32Array.from({ length: rows }, (_, row) => (row + rows / 2) % rows),
        'int32',
      );
      const logits = contrastiveLogits(cosines as tf.Tensor2D, this.options.temp);
      return crossEntropy(logits, targets, reduction);
    });
  }
}
