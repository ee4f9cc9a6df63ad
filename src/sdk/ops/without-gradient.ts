import * as tf from '@tensorflow/tfjs-core';
import { withGradient } from './op-registry';

/**
 * Computes `f()` off the tape: no gradient flows to `inputs` (torch's `no_grad`). List every tensor of the graph that
 * `f` reads.
 */
export function withoutGradient<T extends tf.Tensor>(inputs: readonly tf.Tensor[], f: () => T): T {
  return withGradient(inputs, () => ({
    value: f(),
    saved: [],
    gradient: () => inputs.map((x) => tf.zeros(x.shape)),
  }));
}

/** The same values, without gradient (torch's `detach`). */
export function stopGradient<T extends tf.Tensor>(x: T): T {
  return withoutGradient([x], () => tf.clone(x));
}

/**
 * Computes `f()` off the tape, as if it were `x`: the gradient of what it gives goes to `x` as it is (torch's
 * `f().detach() + x - x.detach()`, without its rounding), and to nothing else that `f` reads.
 *
 * @param x of the shape that `f` gives
 */
export function straightThrough<T extends tf.Tensor>(x: T, f: () => T): T {
  return withGradient([x], () => ({ value: f(), saved: [], gradient: (dy) => [tf.clone(dy)] }));
}
