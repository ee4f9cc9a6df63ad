import * as tf from '@tensorflow/tfjs-core';

/**
 * Inputs `parameter`, `gradient`, `mean`, `meanSquare`, of one shape; attributes of {@link AdamWCoefficients}; outputs the
 * new parameter, mean and mean square.
 */
export const ADAMW_KERNEL = 'OscAdamW';

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
  if (tf.getKernel(ADAMW_KERNEL, tf.getBackend()) !== undefined) {
    const inputs = { parameter: state.parameter, gradient, mean: state.mean, meanSquare: state.meanSquare };
    const outputs = tf.engine().runKernel(ADAMW_KERNEL, inputs, { ...k }) as unknown as tf.Tensor[];
    const [parameter, mean, meanSquare] = outputs as [tf.Tensor, tf.Tensor, tf.Tensor];
    return { parameter, mean, meanSquare };
  }
  const mean = tf.add(tf.mul(state.mean, k.beta1), tf.mul(gradient, k.rest1));
  const meanSquare = tf.add(tf.mul(state.meanSquare, k.beta2), tf.mul(tf.square(gradient), k.rest2));
  const root = tf.add(tf.mul(tf.sqrt(meanSquare), k.rootScale), k.epsilon);
  const parameter = tf.sub(tf.mul(state.parameter, k.decay), tf.div(tf.mul(mean, k.rate), root));
  return { parameter, mean, meanSquare };
}
