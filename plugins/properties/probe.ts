/** A linear or an MLP probe of single slots. Letters: R rows, C features, H hidden units, D outputs, A categories. */
import * as tf from '@tensorflow/tfjs-core';
import type { RandomSource } from 'osc-trainer/sdk';
import { torchInit } from 'osc-trainer/sdk/nn';
import { numOutputs, outputGradients, type OutputLayout } from './outputs';
import type { ObjectProperties } from './scene-slots';

/** Objects with the slots that belong to them. */
export interface ProbeRows {
  /** On the engine, `[R, C]`. */
  readonly slots: tf.Tensor2D;
  /** R of them. */
  readonly objects: readonly ObjectProperties[];
}

/** @param pairs R objects, each with the features `[C]` of its slot */
export function makeRows(
  pairs: readonly { readonly object: ObjectProperties; readonly features: Float32Array }[],
): ProbeRows {
  const features = pairs.map((pair) => pair.features);
  return { slots: stack(features, features[0]!.length), objects: pairs.map(({ object }) => object) };
}

/** @param parts `[..., C]` each; @returns `[R, C]` */
function stack(parts: readonly Float32Array[], width: number): tf.Tensor2D {
  const values = new Float32Array(parts.reduce((length, part) => length + part.length, 0));
  let filled = 0;
  for (const part of parts) {
    values.set(part, filled);
    filled += part.length;
  }
  return tf.tensor2d(values, [values.length / width, width]);
}

interface Layer {
  /** `[in, out]` */
  readonly weight: tf.Tensor2D;
  /** `[out]` */
  readonly bias: tf.Tensor1D;
}

/** One layer, or two with a ReLU between. The gradients are written out: a tape takes several times as long for so little. */
export class Probe {
  /** Weight `[in, out]` and bias of each layer. */
  readonly parameters: readonly Float32Array[];
  /** From C to D. */
  readonly #widths: readonly number[];

  /** @param hidden H; null: a linear probe */
  constructor(
    /** C */
    readonly width: number,
    private readonly layout: OutputLayout,
    hidden: number | null,
    random: RandomSource,
  ) {
    this.#widths = [width, ...(hidden === null ? [] : [hidden]), numOutputs(layout)];
    this.parameters = this.#widths.slice(1).flatMap((out, i) => {
      const [fanIn, ofLayer] = [this.#widths[i]!, random.scope(`layer${i}`)];
      return [torchInit.weight(fanIn, ofLayer)([fanIn, out]), torchInit.bias(fanIn, ofLayer)([out])];
    });
  }

  /** @param slots `[..., C]` each; @returns `[R, D]`, one row a slot */
  predict(slots: readonly Float32Array[]): Float32Array {
    if (slots.length === 0) return new Float32Array(0);
    // read inside, handed over outside: what a tidy returns is searched for tensors, number by number
    let outputs = new Float32Array(0);
    tf.tidy(() => {
      outputs = Float32Array.from(this.#forward(stack(slots, this.width), this.#layers()).at(-1)!.dataSync());
    });
    return outputs;
  }

  /** Of the mean of `lossOf` over rows, by each of the parameters. */
  gradients({ slots, objects }: ProbeRows): Float32Array[] {
    const gradients: Float32Array[] = [];
    tf.tidy(() => {
      const layers = this.#layers();
      const values = this.#forward(slots, layers);
      const outputs = values.pop()!;
      let byValue = tf.tensor2d(outputGradients(outputs.dataSync(), objects, this.layout), outputs.shape);
      for (let i = layers.length - 1; i >= 0; i--) {
        const ofLayer = [tf.matMul(values[i]!, byValue, true), tf.sum(byValue, 0)];
        gradients.unshift(...ofLayer.map((gradient) => Float32Array.from(gradient.dataSync())));
        // what a ReLU gave is 0 where nothing goes back
        if (i > 0) byValue = tf.mul(tf.matMul(byValue, layers[i]!.weight, false, true), tf.step(values[i]!));
      }
    });
    return gradients;
  }

  /** What each layer is given, and the outputs. */
  #forward(slots: tf.Tensor2D, layers: readonly Layer[]): tf.Tensor2D[] {
    const values = [slots];
    layers.forEach(({ weight, bias }, i) => {
      const sum = tf.add<tf.Tensor2D>(tf.matMul(values[i]!, weight), bias);
      values.push(i < layers.length - 1 ? tf.relu(sum) : sum);
    });
    return values;
  }

  #layers(): Layer[] {
    return this.#widths.slice(1).map((out, i) => {
      // copies: a backend may keep the array it is given, and the optimizer changes these
      const [weight, bias] = [this.parameters[2 * i]!.slice(), this.parameters[2 * i + 1]!.slice()];
      return { weight: tf.tensor2d(weight, [this.#widths[i]!, out]), bias: tf.tensor1d(bias) };
    });
  }
}
