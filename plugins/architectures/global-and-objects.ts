import type * as tf from '@tensorflow/tfjs-core';
import { component, z, type Architecture, type Mode, type ModelOutputs, type ModelParts } from 'osc-trainer/sdk';
import { attentionOf, globalBranch, objectBranch } from './branches';

/** Two branches on the backbone: the pooled vector through `global_fn`, the patch tokens through `obj_fn`. */
@component({
  kind: 'architecture',
  name: 'backbone(-global_fn-global_proj)-obj_fn-obj_proj',
  summary: 'Global and object branches side by side on the backbone',
  options: z.strictObject({}),
  aliases: ['vit_global_obj', 'backbone(-slot_fn-slot_proj)-global_fn-global_proj'],
  reference: 'src/osc/models/models.py',
})
export class GlobalAndObjectsArchitecture implements Architecture {
  readonly usesObjects = true;

  forward(parts: ModelParts, images: tf.Tensor4D, mode: Mode, numObjects?: number): ModelOutputs {
    const backbone = parts.backbone.forward(images, mode);
    const { fSlots, pSlots, maps } = objectBranch(parts, backbone.features, mode, numObjects);
    return {
      fBackbone: backbone.features,
      ...globalBranch(parts, backbone.pooled, mode),
      fSlots,
      pSlots,
      ...attentionOf(mode, backbone, maps),
    };
  }
}
