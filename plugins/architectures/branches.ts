import type * as tf from '@tensorflow/tfjs-core';
import type {
  BackboneOutput,
  Mode,
  ModelOutputs,
  ModelParts,
  ObjFn,
  ObjFnOutput,
  ObjQueries,
  Projection,
} from 'osc-trainer/sdk';

/** The two vectors of an image, from a pooled one `[2B, C]`. */
export function globalBranch(
  { globalFn, globalProj }: ModelParts,
  pooled: tf.Tensor2D,
  mode: Mode,
): Pick<ModelOutputs, 'fGlobal' | 'pGlobal'> {
  const fGlobal = globalFn.forward(pooled, mode);
  return { fGlobal, pGlobal: globalProj.forward(fGlobal, mode) };
}

/** The parts that an architecture with slots needs. Config and model see to it that they are there. */
function objectParts({ objQueries, objFn, objProj }: ModelParts): [ObjQueries, ObjFn, Projection] {
  if (!objQueries || !objFn || !objProj) {
    throw new TypeError('An architecture with slots needs obj_queries, obj_fn and obj_proj.');
  }
  return [objQueries, objFn, objProj];
}

type ObjectMaps = Pick<ObjFnOutput, 'attention' | 'slotSelfAttention'>;

/** Slots of an image and their projections. */
export function objectBranch(
  parts: ModelParts,
  features: tf.Tensor3D,
  mode: Mode,
  numObjects?: number,
): { fSlots: tf.Tensor3D; pSlots: tf.Tensor3D; maps: ObjectMaps } {
  const [objQueries, objFn, objProj] = objectParts(parts);
  const { slots, attention, slotSelfAttention } = objFn.forward(
    objQueries.queries(features, mode, numObjects),
    features,
    mode,
  );
  return { fSlots: slots, pSlots: objProj.forward(slots, mode), maps: { attention, slotSelfAttention } };
}

/** The attention maps of a pass that was asked for them. */
export function attentionOf(
  mode: Mode,
  backbone: BackboneOutput,
  { attention: objects = [], slotSelfAttention }: ObjectMaps = {},
): Pick<ModelOutputs, 'attention'> {
  return mode.attention ? { attention: { backbone: backbone.attention ?? [], objects, slotSelfAttention } } : {};
}
