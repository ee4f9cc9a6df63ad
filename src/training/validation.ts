/** The validation epoch. */
import * as tf from '@tensorflow/tfjs-core';
import type { LossValues, WeightedLoss } from './objective';
import type { TrainableModel } from './step';

/** Crops of one batch, as the data pipeline gives them. */
export interface ImageBatch {
  /** `[2, B, 3, H, W]`, A-major. */
  readonly images: Float32Array;
  /** B */
  readonly size: number;
}

export function batchTensor(batch: ImageBatch, [height, width]: readonly [number, number]): tf.Tensor4D {
  return tf.tensor4d(batch.images, [2 * batch.size, 3, height, width], 'float32');
}

/**
 * Every loss averaged over all samples of all batches, so that a smaller last batch weighs less; the mode is evaluation.
 * (reference: `run_val_epoch` in src/osc/train.py, reduction `none`)
 *
 * @param afterBatch called with the images done so far
 */
export async function validate(
  { model, losses }: { model: TrainableModel; losses: readonly WeightedLoss[] },
  batches: AsyncIterable<ImageBatch> | Iterable<ImageBatch>,
  imageSize: readonly [number, number],
  afterBatch: (imagesDone: number) => void = () => undefined,
): Promise<LossValues> {
  const sums = new Map<string, { sum: number; count: number }>();
  let done = 0;
  for await (const batch of batches) {
    tf.tidy(() => {
      const outputs = model.forward(batchTensor(batch, imageSize), { training: false, step: 0 });
      for (const { key, loss } of losses) {
        const perSample = loss.compute(outputs, 'none');
        const total = sums.get(key) ?? { sum: 0, count: 0 };
        total.sum += tf.sum(perSample).dataSync()[0]!;
        total.count += perSample.size;
        sums.set(key, total);
      }
    });
    done += batch.size;
    afterBatch(done);
  }
  return Object.fromEntries([...sums].map(([key, { sum, count }]) => [key, sum / count]));
}
