import * as tf from '@tensorflow/tfjs-core';
import { addRows } from './add-rows';
import { layerNorm, type NormWeights } from './layer-norm';
import { runOp } from './op-registry';

/** `x weightᵀ + bias + residual`: `[..., in]` → `[..., out]`, weight in torch layout `[out, in]`. */
export function linear<T extends tf.Tensor>(
  x: T,
  weight: tf.Tensor2D,
  bias: tf.Tensor1D | null,
  residual: T | null = null,
): T {
  const [out, width] = weight.shape;
  return runOp('OscLinear', { x, weight, bias, residual }, { bias: bias !== null }, () => {
    // One large product whatever the leading axes are. tfjs asks for each gradient on its own, so an input that is
    // not differentiated (images) costs nothing.
    const product = tf.matMul(tf.reshape(x, [-1, width]), weight, false, true);
    const y = tf.reshape(bias === null ? product : addRows(product, bias), [...x.shape.slice(0, -1), out]) as T;
    return residual === null ? y : tf.add<T>(residual, y);
  });
}

/** `linear(layerNorm(x))`: `[..., in]` → `[..., out]`. */
export function normLinear<T extends tf.Tensor>(
  x: T,
  { gamma, beta, epsilon = 1e-5 }: NormWeights,
  weight: tf.Tensor2D,
  bias: tf.Tensor1D | null,
): T {
  return runOp('OscNormLinear', { x, gamma, beta, weight, bias }, { bias: bias !== null, epsilon }, () =>
    linear(layerNorm(x, gamma, beta, epsilon), weight, bias),
  );
}
