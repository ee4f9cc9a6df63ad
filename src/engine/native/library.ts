/** The C++ kernels as JavaScript sees them: the addon of `native`, or the module of `wasm`. Arguments: cpp/ops.cc. */

export const OP_NAMES = [
  'unary',
  'binary',
  'copy',
  'fill',
  'reduce',
  'softmax',
  'softmaxGrad',
  'matmul',
  'linear',
  'linearGrad',
  'mlp',
  'mlpGrad',
  'layerNorm',
  'layerNormGrad',
  'geluGrad',
  'attention',
  'attentionGrad',
  'gruGates',
  'gruGatesGrad',
  'l2Normalize',
  'l2NormalizeGrad',
  'crossEntropy',
  'crossEntropyGrad',
  'adamw',
  'kmeans',
] as const;

export type OpName = (typeof OP_NAMES)[number];
export type Argument = number | boolean | Float32Array | Int32Array | null;
/** Every op checks its arguments and throws a TypeError that names it and the shapes. */
export type Op = (...args: Argument[]) => void;

export interface Library {
  readonly ops: Readonly<Record<OpName, Op>>;
  /** Memory for tensors, content arbitrary. The region lives as long as its buffer. */
  memory(bytes: number): Region;
  /** Whether arrays outside of {@link memory} can be arguments as they are. */
  readonly readsAnyArray: boolean;
}

export interface Region {
  readonly buffer: ArrayBufferLike;
  readonly byteOffset: number;
  readonly byteLength: number;
}

/** The order of the enumerations in cpp/kernels.h. */
export const UNARY = [
  'Exp',
  'Log',
  'Tanh',
  'Sigmoid',
  'Relu',
  'Sqrt',
  'Rsqrt',
  'Square',
  'Neg',
  'Reciprocal',
  'Erf',
  'Abs',
  'Step',
  'gelu',
  'scale',
] as const;
export const BINARY = ['Add', 'Sub', 'Multiply', 'RealDiv', 'Maximum', 'Minimum', 'SquaredDifference'] as const;
export const REDUCE = { sum: 0, max: 1, min: 2 } as const;
export const ACTIVATION = { gelu: 0, relu: 1 } as const;
