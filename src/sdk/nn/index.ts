/** Layers; parameter names and starts are those of the reference's PyTorch modules. */
export * from './initializers';
export * from './linear';
export * from './layer-norm';
export * from './mlp';
export * from './residual';
export * from './attention';
export * from './transformer-blocks';
export * from './gru-cell';
