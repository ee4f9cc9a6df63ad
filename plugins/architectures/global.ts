import type * as tf from '@tensorflow/tfjs-core';
import { component, z, type Architecture, type Mode, type ModelOutputs, type ModelParts } from 'osc-trainer/sdk';
import { attentionOf, globalBranch } from './branches';

/** `f_global = global_fn(pooled)`, `p_global = global_proj(f_global)`; no slots. */
@component({
  kind: 'architecture',
  name: 'backbone-global_fn-global_proj',
  summary: 'One global representation, no slots',
  options: z.strictObject({}),
  aliases: ['vit_global'],
  reference: 'src/osc/models/models.py',
})
export class GlobalArchitecture implements Architecture {
  readonly usesObjects = false;

  forward(parts: ModelParts, images: tf.Tensor4D, mode: Mode): ModelOutputs {
    const backbone = parts.backbone.forward(images, mode);
    return {
      fBackbone: backbone.features,
      ...globalBranch(parts, backbone.pooled, mode),
      fSlots: null,
      pSlots: null,
      ...attentionOf(mode, backbone),
    };
  }
}
