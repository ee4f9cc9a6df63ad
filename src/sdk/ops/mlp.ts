import * as tf from '@tensorflow/tfjs-core';
import { gelu } from './gelu';
import { layerNorm, type NormWeights } from './layer-norm';
import { linear } from './linear';
import { runOp } from './op-registry';

export type Activation = 'gelu' | 'relu';

export interface MlpWeights {
  /** `[H, C]` */
  readonly weight1: tf.Tensor2D;
  /** `[H]` */
  readonly bias1: tf.Tensor1D;
  /** `[C, H]` */
  readonly weight2: tf.Tensor2D;
  /** `[C]` */
  readonly bias2: tf.Tensor1D;
}

export function activate<T extends tf.Tensor>(x: T, activation: Activation): T {
  return activation === 'gelu' ? gelu(x) : tf.relu<T>(x);
}

/** The second half of a pre-norm transformer block, `x + linear2(activation(linear1(layerNorm(x))))`: `[..., C]` → `[..., C]`. */
export function residualMlp<T extends tf.Tensor>(
  x: T,
  { gamma, beta, epsilon = 1e-5 }: NormWeights,
  { weight1, bias1, weight2, bias2 }: MlpWeights,
  activation: Activation,
): T {
  const inputs = { x, gamma, beta, weight1, bias1, weight2, bias2 };
  return runOp('OscMlp', inputs, { activation, epsilon }, () => {
    const hidden = linear(layerNorm(x, gamma, beta, epsilon), weight1, bias1);
    return linear(activate(hidden, activation), weight2, bias2, x);
  });
}
