import * as tf from '@tensorflow/tfjs-core';
import { component, z, type Pooling } from 'osc-trainer/sdk';

/** The mean of the patch tokens. */
@component({
  kind: 'pooling',
  name: 'avg',
  summary: 'Mean of the patch tokens',
  options: z.strictObject({}),
  reference: 'src/osc/models/vit.py',
})
export class AvgPooling implements Pooling {
  readonly usesClassToken = false;

  pool(patchTokens: tf.Tensor3D): tf.Tensor2D {
    return tf.mean(patchTokens, 1);
  }
}
