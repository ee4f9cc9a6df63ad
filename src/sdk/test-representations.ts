/** What evaluators of representations have in common: the model's output for every image of the test split. */
import * as tf from '@tensorflow/tfjs-core';
import type { EvaluationContext, TestSample } from './contracts/evaluation';
import type { ModelOutputs } from './contracts/model';
import { RunError } from './errors';

/** Representations of N images, in the order of the split. */
export interface TestRepresentations {
  /** `[N, ...shape]` */
  readonly values: Float32Array;
  /** Of one image: `[C]` or `[S, C]`. */
  readonly shape: readonly number[];
  /** N; fewer than `numSamples` where records are broken and left out. */
  readonly count: number;
}

/** Which of the outputs, `[B, ...]`, with one row an image. */
export type ChooseOutput = (outputs: ModelOutputs) => tf.Tensor;

/**
 * Runs the model over the test split in batches, with progress.
 *
 * @param visit is called with every sample, in order
 * @throws RunError for a representation that is not finite
 */
export async function representTestSplit(
  { model, samples, numSamples, batchSize, progress }: EvaluationContext,
  label: string,
  choose: ChooseOutput,
  visit: (sample: TestSample) => void,
): Promise<TestRepresentations> {
  progress.start(label, numSamples, 'images');
  const parts: Float32Array[] = [];
  let shape: readonly number[] = [];
  let count = 0;
  let batch: TestSample[] = [];
  const finishBatch = (): void => {
    if (batch.length === 0) return;
    const output = represent(model, batch, choose);
    parts.push(output.values);
    shape = output.shape;
    count += batch.length;
    progress.update(count);
    batch = [];
  };
  for await (const sample of samples()) {
    visit(sample);
    batch.push(sample);
    if (batch.length === batchSize) finishBatch();
  }
  finishBatch();
  const values = new Float32Array(parts.reduce((length, part) => length + part.length, 0));
  let filled = 0;
  for (const part of parts) {
    values.set(part, filled);
    filled += part.length;
  }
  return { values, shape, count };
}

function represent(model: EvaluationContext['model'], batch: readonly TestSample[], choose: ChooseOutput) {
  const pixels = new Float32Array(batch.length * batch[0]!.image.length);
  batch.forEach(({ image }, i) => {
    pixels.set(image, i * image.length);
  });
  const output = tf.tidy(() => {
    const images = tf.tensor4d(pixels, [batch.length, 3, ...model.dimensions.imageSize]);
    return choose(model.forward(images, { training: false, step: 0 }));
  });
  const shape = output.shape.slice(1);
  const values = Float32Array.from(output.dataSync());
  output.dispose();
  const each = values.length / batch.length;
  batch.forEach(({ index }, i) => {
    if (!values.subarray(i * each, (i + 1) * each).every(Number.isFinite)) {
      throw new RunError(`The representation of test image ${index} is not finite.`);
    }
  });
  return { values, shape };
}
