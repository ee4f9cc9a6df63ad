import * as tf from '@tensorflow/tfjs-core';
import { addRows } from './add-rows';
import { runOp } from './op-registry';

/** Inputs `x [..., in]`, `weight [out, in]`, `bias [out]` (optional); output `[..., out]`. */
export const LINEAR_KERNEL = 'OscLinear';

/** `x weightᵀ + bias`: `[..., in]` → `[..., out]`, weight in torch layout `[out, in]`. */
export function linear<T extends tf.Tensor>(x: T, weight: tf.Tensor2D, bias: tf.Tensor1D | null): T {
  const [out, width] = weight.shape;
  return runOp(LINEAR_KERNEL, bias === null ? { x, weight } : { x, weight, bias }, {}, () => {
    // One large product whatever the leading axes are. tfjs asks for each gradient on its own, so an input that is
    // not differentiated (images) costs nothing.
    const y = tf.matMul(tf.reshape(x, [-1, width]), weight, false, true);
    return tf.reshape(bias === null ? y : addRows(y, bias), [...x.shape.slice(0, -1), out]) as T;
  });
}
