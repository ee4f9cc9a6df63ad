/** Ops of the SDK: composed forms in tfjs-core with their gradients; an engine may bring faster kernels by name. */
export * from './op-registry';
export * from './without-gradient';
export * from './add-rows';
export * from './linear';
export * from './layer-norm';
export * from './gelu';
export * from './mlp';
export * from './softmax';
export * from './multi-head-attention';
export * from './gru-cell';
export * from './l2-normalize';
export * from './cross-entropy';
export * from './adamw';
export * from './k-means';
export * from './dropout';
