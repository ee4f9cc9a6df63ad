import * as tf from '@tensorflow/tfjs-core';
import { addRows } from './add-rows';
import { layerNorm, type NormWeights } from './layer-norm';
import { runOp } from './op-registry';

/**
 * Inputs `x [..., in]`, `weight [out, in]`, and optionally `bias [out]` and `residual [..., out]`; attribute `bias`,
 * whether it is there; output `[..., out]`.
 */
export const LINEAR_KERNEL = 'OscLinear';
/** As {@link LINEAR_KERNEL}, with inputs `gamma [in]` and `beta [in]` and attribute `epsilon` of a layer norm of x. */
export const NORM_LINEAR_KERNEL = 'OscNormLinear';

/** Without tensors that are not there. */
function present(tensors: Record<string, tf.Tensor | null | undefined>): tf.NamedTensorMap {
  return Object.fromEntries(Object.entries(tensors).filter(([, tensor]) => tensor)) as tf.NamedTensorMap;
}

/** `x weightᵀ + bias + residual`: `[..., in]` → `[..., out]`, weight in torch layout `[out, in]`. */
export function linear<T extends tf.Tensor>(
  x: T,
  weight: tf.Tensor2D,
  bias: tf.Tensor1D | null,
  residual: T | null = null,
): T {
  const [out, width] = weight.shape;
  return runOp(LINEAR_KERNEL, present({ x, weight, bias, residual }), { bias: bias !== null }, () => {
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
  const inputs = present({ x, weight, gamma, beta, bias });
  return runOp(NORM_LINEAR_KERNEL, inputs, { bias: bias !== null, epsilon }, () =>
    linear(layerNorm(x, gamma, beta, epsilon), weight, bias),
  );
}
