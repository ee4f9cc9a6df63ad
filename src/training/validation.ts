/** The validation epoch. */
import * as tf from '@tensorflow/tfjs-core';
import type { ImageBatch } from '../data';
import { lossOf, type LossValues } from './objective';
import { readScalars, type Trained } from './step';

/** `[2B, 3, H, W]` */
export function batchTensor(batch: ImageBatch, [height, width]: readonly [number, number]): tf.Tensor4D {
  return tf.tensor4d(batch.images, [2 * batch.size, 3, height, width], 'float32');
}

/** A mean of what comes with different weights. */
class Mean {
  #sum = 0;
  #count = 0;

  add(sum: number, count: number): void {
    this.#sum += sum;
    this.#count += count;
  }

  get value(): number {
    return this.#sum / this.#count;
  }
}

/**
 * Every loss averaged over all samples of all batches, so that a smaller last batch weighs less; the mode is evaluation. What
 * losses log besides is averaged over images. (reference: `run_val_epoch` in src/osc/train.py, reduction `none`)
 *
 * @param afterBatch called with the images done so far
 */
export async function validate(
  { model, objective }: Trained,
  batches: AsyncIterable<ImageBatch> | Iterable<ImageBatch>,
  imageSize: readonly [number, number],
  afterBatch: (imagesDone: number) => void = () => undefined,
): Promise<{ losses: LossValues; metrics: LossValues }> {
  const losses = new Map<string, Mean>();
  const metrics = new Map<string, Mean>();
  const meanOf = (means: Map<string, Mean>, name: string): Mean => {
    const mean = means.get(name) ?? new Mean();
    means.set(name, mean);
    return mean;
  };
  const mode = { training: false, step: 0 };
  let done = 0;
  for await (const batch of batches) {
    tf.tidy(() => {
      const images = batchTensor(batch, imageSize);
      const outputs = model.forward(images, mode);
      for (const term of objective.terms.values()) {
        const { key } = term;
        const logged = new Map<string, tf.Scalar | number>();
        const log = (name: string, value: tf.Scalar | number): void => void logged.set(`${key}/${name}`, value);
        const perSample = lossOf(term, { outputs, images, mode, log }, 'none');
        meanOf(losses, key).add(tf.sum(perSample).dataSync()[0]!, perSample.size);
        for (const [name, value] of Object.entries(readScalars(logged))) {
          meanOf(metrics, name).add(batch.size * value, batch.size);
        }
      }
    });
    done += batch.size;
    afterBatch(done);
  }
  const values = (means: Map<string, Mean>): LossValues =>
    Object.fromEntries(Array.from(means, ([name, mean]) => [name, mean.value]));
  return { losses: values(losses), metrics: values(metrics) };
}
