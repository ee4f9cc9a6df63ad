import * as tf from '@tensorflow/tfjs-core';
import { runKernel } from './op-registry';

/** The numbers of one update, worked out in float64. */
export interface AdamWCoefficients {
  readonly beta1: number;
  /** `1 - β1` */
  readonly rest1: number;
  readonly beta2: number;
  /** `1 - β2` */
  readonly rest2: number;
  /** `1 / √(1 - β2ᵗ)` */
  readonly rootScale: number;
  readonly epsilon: number;
  /** `1 - learning rate × weight decay` */
  readonly decay: number;
  /** `learning rate / (1 - β1ᵗ)` */
  readonly rate: number;
}

export interface AdamWState {
  readonly parameter: tf.Tensor;
  readonly mean: tf.Tensor;
  readonly meanSquare: tf.Tensor;
}

/** One update of AdamW (Loshchilov and Hutter 2019, as `torch.optim.AdamW`), out of place; tensors of any one shape. */
export function adamWUpdate(state: AdamWState, gradient: tf.Tensor, k: AdamWCoefficients): AdamWState {
  const { parameter, mean, meanSquare } = state;
  const outputs = runKernel('OscAdamW', { parameter, gradient, mean, meanSquare }, k);
  if (outputs) {
    const [newParameter, newMean, newMeanSquare] = outputs as [tf.Tensor, tf.Tensor, tf.Tensor];
    return { parameter: newParameter, mean: newMean, meanSquare: newMeanSquare };
  }
  const newMean = tf.add(tf.mul(mean, k.beta1), tf.mul(gradient, k.rest1));
  const newMeanSquare = tf.add(tf.mul(meanSquare, k.beta2), tf.mul(tf.square(gradient), k.rest2));
  const root = tf.add(tf.mul(tf.sqrt(newMeanSquare), k.rootScale), k.epsilon);
  const newParameter = tf.sub(tf.mul(parameter, k.decay), tf.div(tf.mul(newMean, k.rate), root));
  return { parameter: newParameter, mean: newMean, meanSquare: newMeanSquare };
}
