/** `osc-trainer/sdk/nn`: layers; parameter names and starts are those of the reference's PyTorch modules. */
export { normal, ones, torchInit, transformerInit, uniform, zeros, type LinearInit } from './initializers';
export { sinePositions } from './sine-positions';
export { Linear, type LinearConfig } from './linear';
export { LayerNorm } from './layer-norm';
export { hiddenWidth, Mlp, type MlpConfig } from './mlp';
export { ResidualBranch, type LayerInput, type Normed } from './residual';
export { CrossAttention, SelfAttention, type AttentionConfig, type AttentionOutput } from './attention';
export {
  CrossAttentionBlock,
  PreNormBlock,
  SelfAttentionBlock,
  type BlockConfig,
  type CrossBlockOutput,
} from './transformer-blocks';
export { GruCell } from './gru-cell';
