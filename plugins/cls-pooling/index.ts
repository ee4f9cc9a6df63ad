import * as tf from '@tensorflow/tfjs-core';
import { component, z, type Pooling } from 'osc-trainer/sdk';

/** The class token, which the backbone puts before the patch tokens. */
@component({
  kind: 'pooling',
  name: 'cls',
  summary: 'A class token that takes part in attention',
  options: z.strictObject({}),
  reference: 'src/osc/models/vit.py',
})
export class ClsPooling implements Pooling {
  readonly usesClassToken = true;

  /** @throws RangeError for a backbone that made no class token although it is asked to */
  pool(_patchTokens: tf.Tensor3D, classToken: tf.Tensor2D | null): tf.Tensor2D {
    if (classToken === null) throw new RangeError('The backbone gave no class token to pooling cls.');
    return tf.clone(classToken); // the caller may dispose of the result and not of the token
  }
}
