/** Scores of what a model is compared with: blind masks, and the model before training. */
import { createHash, type Hash } from 'node:crypto';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { z } from 'zod';
import type { EvaluationContext, TestSample } from './contracts/evaluation';
import { prepareTestImage } from './image';
import { scoreMasks, type MaskBaseline, type MaskScores, type TrueMasks } from './metrics';
import { RandomSource } from './random';
import { trueMasks } from './true-masks';

/** Raised whenever the same images give other numbers. */
const VERSION = 1;

const RGB = { mean: [0, 0, 0], std: [1, 1, 1] } as const;

/** The images of a test split, as they are seen; two of the same are the same. */
export class SplitDigest {
  readonly #hash: Hash = createHash('sha256');

  /** The next image. */
  add({ index, image }: TestSample, { masks, labels, visibility, numBackground }: TrueMasks): void {
    this.#hash.update(JSON.stringify([index, masks.length, numBackground]));
    for (const values of [image, masks, labels, visibility ?? new Uint8Array()]) {
      this.#hash.update(new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
    }
  }

  /** Of those that were added so far. */
  value(): string {
    return this.#hash.copy().digest('hex');
  }
}

export interface BaselineMeasurement {
  /** Of the evaluator: its numbers are kept under it. */
  readonly name: string;
  /** Of the progress. */
  readonly label: string;
  readonly baselines: readonly MaskBaseline[];
  /** Of the images of `context`. */
  readonly digest: string;
  /** From the scores of all images to numbers by names of the evaluator's own; what is not defined is left out. */
  readonly summarise: (images: readonly MaskScores[]) => Readonly<Record<string, number>>;
}

const kept = z.record(z.string(), z.record(z.string(), z.number()));

/**
 * Scores of blind masks and the ceiling on the test split, by key of the baseline: once for its images and a setting, where the
 * context remembers. Draws are a function of the image's place in the split.
 *
 * @throws RunError for a sample without masks
 */
export async function measureBaselines(
  context: EvaluationContext,
  { name, label, baselines, digest, summarise }: BaselineMeasurement,
): Promise<Readonly<Record<string, Readonly<Record<string, number>>>>> {
  const { imageSize, grid } = context.model.dimensions;
  const compute = async (): Promise<z.infer<typeof kept>> => {
    const scores = await scoreBaselines(context, label, baselines);
    return Object.fromEntries(Array.from(scores, ([key, images]) => [key, { ...summarise(images) }]));
  };
  const key = JSON.stringify([name, VERSION, digest, imageSize, grid, baselines.map((baseline) => baseline.label)]);
  return context.remember === undefined ? compute() : context.remember(key, kept, compute);
}

async function scoreBaselines(
  { samples, numSamples, progress, model }: EvaluationContext,
  label: string,
  baselines: readonly MaskBaseline[],
): Promise<ReadonlyMap<string, readonly MaskScores[]>> {
  const { imageSize } = model.dimensions;
  const random = new RandomSource(0).scope('baselines');
  const scores = new Map(baselines.map(({ key }) => [key, [] as MaskScores[]]));
  progress.start(label, numSamples, 'images');
  let done = 0;
  for await (const sample of samples()) {
    const image = {
      rgb: prepareTestImage(sample.original, imageSize, RGB),
      truth: trueMasks(sample, imageSize),
      random: random.scope(String(sample.index)),
    };
    for (const baseline of baselines) {
      scores.get(baseline.key)!.push(scoreMasks({ ...baseline.maps(image), imageSize }, image.truth));
    }
    progress.update(++done);
    await nextTurn(); // for signals and the terminal
  }
  return scores;
}

/**
 * What an evaluator measures of the model before training: once for a context, and so for a run, since it is the same whenever
 * it is measured.
 */
export class UntrainedResults<T> {
  readonly #known = new WeakMap<NonNullable<EvaluationContext['untrained']>, T>();

  /**
   * @param measure is given the context with the untrained model in the place of the model
   * @returns undefined where there is nothing to build that model from
   */
  async measure(
    context: EvaluationContext,
    measure: (context: EvaluationContext) => Promise<T>,
  ): Promise<T | undefined> {
    const { untrained } = context;
    if (untrained === undefined) return undefined;
    const known = this.#known.get(untrained);
    if (known !== undefined) return known;
    const measured = await untrained(({ model, masks }) => measure({ ...context, model, masks }));
    this.#known.set(untrained, measured);
    return measured;
  }
}
