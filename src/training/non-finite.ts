/** When a loss is not finite: which tensor was the first that was not. */
import * as tf from '@tensorflow/tfjs-core';
import type { Mode, NamedParameters } from '../sdk';
import type { WeightedLoss } from './objective';
import type { TrainableModel } from './step';

/** `all(x - x == 0)` is false for NaN and for infinities. */
export function isFiniteTensor(x: tf.Tensor): boolean {
  return tf.tidy(() => tf.all(tf.equal(tf.sub(x, x), 0)).dataSync()[0] === 1);
}

/** The first parameter that is not finite, by declaration order. */
export function firstNonFiniteParameter(parameters: NamedParameters): string | undefined {
  for (const [name, variable] of parameters) if (!isFiniteTensor(variable)) return name;
  return undefined;
}

/**
 * Looks in the order of computation: images, parameters, the model's outputs, losses. Runs the forward pass again.
 */
export function firstNonFinite(
  model: TrainableModel,
  losses: readonly WeightedLoss[],
  images: tf.Tensor4D,
  mode: Mode,
): string {
  if (!isFiniteTensor(images)) return 'images';
  const parameter = firstNonFiniteParameter(model.namedParameters());
  if (parameter !== undefined) return `parameter ${parameter}`;
  return tf.tidy(() => {
    const outputs = model.forward(images, mode);
    for (const name of ['fBackbone', 'fSlots', 'fGlobal', 'pGlobal', 'pSlots'] as const) {
      const tensor = outputs[name];
      if (tensor && !isFiniteTensor(tensor)) return `model output ${name}`;
    }
    for (const { key, loss } of losses) if (!isFiniteTensor(loss.compute(outputs, 'mean'))) return `loss ${key}`;
    return 'none on a second forward pass';
  });
}
