/**
 * `osc-trainer/sdk/ops`: functions of tensors: composed forms in tfjs-core with their gradients; an engine may bring faster
 * kernels by name.
 */
export { withGradient, type Differentiable } from './op-registry';
export { stopGradient, straightThrough, withoutGradient } from './without-gradient';
export { addRows } from './add-rows';
export { linear, normLinear } from './linear';
export { layerNorm, type NormWeights } from './layer-norm';
export { gelu } from './gelu';
export { residualMlp, type Activation, type MlpWeights } from './mlp';
export { softmax } from './softmax';
export {
  crossAttention,
  crossAttentionMap,
  selfAttention,
  selfAttentionMap,
  type AttentionOptions,
} from './multi-head-attention';
export { gruCell, type GruWeights } from './gru-cell';
export { l2Normalize } from './l2-normalize';
export { crossEntropy } from './cross-entropy';
export { contrastiveLogits } from './contrastive-logits';
export { adamWUpdate, type AdamWCoefficients, type AdamWState } from './adamw';
export { runKMeans, type KMeansAttributes } from './k-means';
export { dropout, dropPath } from './dropout';
export { matchedSlots, matchSlots, type SlotMatches } from './match-slots';
