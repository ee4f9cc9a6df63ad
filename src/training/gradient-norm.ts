/** The norm of all gradients together, and clipping by it. */
import * as tf from '@tensorflow/tfjs-core';
import type { NamedTensors } from '../sdk';

/** As in `torch.nn.utils.clip_grad_norm_`. */
const EPSILON = 1e-6;

/** Euclidean norm over all elements of all gradients; NaN or infinite where one of them is. */
export function globalNorm(gradients: NamedTensors): number {
  if (gradients.size === 0) return 0;
  return tf.tidy(() => {
    const squares = Array.from(gradients.values(), (gradient) => tf.sum(tf.square(gradient)));
    let total = 0;
    for (const square of tf.stack(squares).dataSync<'float32'>()) total += square;
    return Math.sqrt(total);
  });
}

/**
 * Scales all gradients by one factor, so that their global norm is at most `maxNorm`; the gradients replaced are freed.
 * (PyTorch: `torch.nn.utils.clip_grad_norm_`)
 */
export function clipByNorm(gradients: Map<string, tf.Tensor>, norm: number, maxNorm: number): void {
  const factor = maxNorm / (norm + EPSILON);
  if (!(factor < 1)) return;
  for (const [name, gradient] of gradients) {
    gradients.set(name, tf.mul(gradient, factor));
    gradient.dispose();
  }
}
