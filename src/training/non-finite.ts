/** When a loss is not finite: which tensor was the first that was not. */
import * as tf from '@tensorflow/tfjs-core';
import type { NamedParameters } from '../sdk';
import { trainedParameters, type StepBatch, type Trained } from './step';

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
export function firstNonFinite({ model, objective }: Trained, batch: StepBatch): string {
  const { mode } = batch;
  return tf.tidy(() => {
    const images = batch.images();
    if (!isFiniteTensor(images)) return 'images';
    const parameter = firstNonFiniteParameter(trainedParameters({ model, objective }));
    if (parameter !== undefined) return `parameter ${parameter}`;
    const outputs = model.forward(images, mode);
    for (const name of ['fBackbone', 'fSlots', 'fGlobal', 'pGlobal', 'pSlots'] as const) {
      const tensor = outputs[name];
      if (tensor && !isFiniteTensor(tensor)) return `model output ${name}`;
    }
    for (const [key, value] of objective.means({ outputs, images, mode }).losses) {
      if (!isFiniteTensor(value)) return `loss ${key}`;
    }
    return 'none on a second forward pass';
  });
}
