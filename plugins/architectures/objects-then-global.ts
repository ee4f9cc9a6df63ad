import * as tf from '@tensorflow/tfjs-core';
import { component, z, type Architecture, type Mode, type ModelOutputs, type ModelParts } from 'osc-trainer/sdk';
import { attentionOf, globalBranch, objectBranch } from './branches';

/** Slots on the backbone; the global representation is `global_fn` of their mean. The pooled vector is not used. */
@component({
  kind: 'architecture',
  name: 'backbone-obj_fn(-global_fn-global_proj)-obj_proj',
  summary: 'Slots on the backbone, the global representation from their mean',
  options: z.strictObject({}),
  aliases: ['vit_obj_global', 'backbone-slot_fn(-global_fn-global_proj)-slot_proj'],
  reference: 'src/osc/models/models.py',
})
export class ObjectsThenGlobalArchitecture implements Architecture {
  readonly usesObjects = true;
  readonly globalFromSlots = true;

  forward(parts: ModelParts, images: tf.Tensor4D, mode: Mode, numObjects?: number): ModelOutputs {
    const backbone = parts.backbone.forward(images, mode);
    const { fSlots, pSlots, maps } = objectBranch(parts, backbone.features, mode, numObjects);
    return {
      fBackbone: backbone.features,
      ...globalBranch(parts, tf.mean(fSlots, 1), mode),
      fSlots,
      pSlots,
      ...attentionOf(mode, backbone, maps),
    };
  }
}
