/** Running a model over the test split: the one loop that evaluators share. Letters: N images, B of them in a batch. */
import * as tf from '@tensorflow/tfjs-core';
import type { EvaluationContext, TestSample } from './contracts/evaluation';
import type { BatchOutputs } from './contracts/loss';
import type { ModelOutputs } from './contracts/model';
import type { Mode } from './module';
import { RunError } from './errors';

export interface ForwardOptions {
  /** Whether the outputs have the attention maps. */
  readonly attention?: boolean;
}

/**
 * The outputs of a model in evaluation for a few prepared samples.
 *
 * @param read takes what it needs of the outputs, `[B, ...]` with a row a sample, as numbers: the tensors are disposed of
 *   when it is done. `batch` has what they are of, too, for a `MaskSource`.
 * @throws RunError for an output that is not finite, or so large that what is computed of it would not be
 */
export function forwardSamples<T>(
  model: Pick<EvaluationContext['model'], 'dimensions' | 'forward'>,
  samples: readonly TestSample[],
  options: ForwardOptions,
  read: (outputs: ModelOutputs, batch: BatchOutputs) => T,
): T {
  const [height, width] = model.dimensions.imageSize;
  const pixels = new Float32Array(samples.length * 3 * height * width);
  samples.forEach(({ image }, i) => {
    pixels.set(image, i * image.length);
  });
  tf.engine().startScope();
  try {
    const images = tf.tensor4d(pixels, [samples.length, 3, height, width]);
    const mode: Mode = { training: false, step: 0, ...options };
    const outputs = model.forward(images, mode);
    refuseOverflow(outputs, samples);
    return read(outputs, { outputs, images, mode });
  } finally {
    tf.engine().endScope();
  }
}

/** Squares below it can be added up by the hundred million in float32. */
const LARGEST = 1e15;

const OUTPUTS = {
  fBackbone: 'patch tokens',
  fSlots: 'slots',
  fGlobal: 'global representation',
  pGlobal: 'projection of the global representation',
  pSlots: 'projections of the slots',
} as const;

/** A norm that overflows makes zeros of a representation, and its scores look like those of a bad model. */
function refuseOverflow(outputs: ModelOutputs, samples: readonly TestSample[]): void {
  for (const name of Object.keys(OUTPUTS) as (keyof typeof OUTPUTS)[]) {
    const output = outputs[name];
    // false for NaN, too
    const small = (x: tf.Tensor): boolean => tf.tidy(() => tf.all(tf.less(tf.abs(x), LARGEST)).dataSync()[0] === 1);
    if (output === null || output === undefined || small(output)) continue;
    const rows = tf.tidy(() => tf.unstack(output as tf.Tensor).map(small));
    const { index } = samples[rows.indexOf(false)]!;
    throw new RunError(
      `Not finite, or above ${LARGEST}, for test image ${index}: the model's ${OUTPUTS[name]}. Scores of it would mean nothing.`,
      'Weights that are far too large do it, or a training that diverged.',
    );
  }
}

/**
 * Runs the model over the test split, batch after batch: for an evaluator with work of its own to do between them.
 *
 * @param read as in {@link forwardSamples}, with the samples that the outputs are of
 * @returns what `read` gave for each batch, in the order of the split; without the samples of broken records
 */
export async function* forwardTestBatches<T>(
  { model, samples, batchSize }: Pick<EvaluationContext, 'model' | 'samples' | 'batchSize'>,
  options: ForwardOptions,
  read: (outputs: ModelOutputs, samples: readonly TestSample[], batch: BatchOutputs) => T,
): AsyncGenerator<T, void, undefined> {
  for await (const batch of inBatches(samples(), batchSize)) {
    yield forwardSamples(model, batch, options, (outputs, whole) => read(outputs, batch, whole));
  }
}

/**
 * {@link forwardTestBatches} to the end, with progress.
 *
 * @param label of the progress
 */
export async function forwardTestSplit<T>(
  context: EvaluationContext,
  label: string,
  options: ForwardOptions,
  read: (outputs: ModelOutputs, samples: readonly TestSample[], batch: BatchOutputs) => T,
): Promise<T[]> {
  const { numSamples, progress } = context;
  progress.start(label, numSamples, 'images');
  const results: T[] = [];
  let done = 0;
  const counted = (outputs: ModelOutputs, samples: readonly TestSample[], batch: BatchOutputs): T => {
    done += samples.length;
    return read(outputs, samples, batch);
  };
  for await (const result of forwardTestBatches(context, options, counted)) {
    results.push(result);
    progress.update(done);
  }
  return results;
}

async function* inBatches<T>(items: AsyncIterable<T>, size: number): AsyncGenerator<T[], void, undefined> {
  let batch: T[] = [];
  for await (const item of items) {
    batch.push(item);
    if (batch.length < size) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}

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
 * One output of the model for every image of the test split, in memory.
 *
 * @param visit is called with every sample, in order
 * @throws RunError for a representation that is not finite
 */
export async function collectRepresentations(
  context: EvaluationContext,
  label: string,
  choose: ChooseOutput,
  visit: (sample: TestSample) => void,
): Promise<TestRepresentations> {
  let shape: readonly number[] = [];
  const batches = await forwardTestSplit(context, label, {}, (outputs, samples) => {
    samples.forEach(visit);
    const output = choose(outputs);
    shape = output.shape.slice(1);
    const values = Float32Array.from(output.dataSync());
    checkFinite(values, samples);
    return { values, count: samples.length };
  });
  const values = new Float32Array(batches.reduce((length, batch) => length + batch.values.length, 0));
  let filled = 0;
  for (const batch of batches) {
    values.set(batch.values, filled);
    filled += batch.values.length;
  }
  return { values, shape, count: batches.reduce((count, batch) => count + batch.count, 0) };
}

function checkFinite(values: Float32Array, samples: readonly TestSample[]): void {
  const each = values.length / samples.length;
  samples.forEach(({ index }, i) => {
    if (!values.subarray(i * each, (i + 1) * each).every(Number.isFinite)) {
      throw new RunError(`The representation of test image ${index} is not finite.`);
    }
  });
}
