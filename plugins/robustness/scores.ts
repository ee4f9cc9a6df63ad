/** Scores of the slots' masks over a test split, by where the masks come from. Letters: B images, S slots. */
import type * as tf from '@tensorflow/tfjs-core';
import {
  forwardTestSplit,
  RunError,
  SplitDigest,
  trueMasks,
  UsageError,
  type Dimensions,
  type EvaluationContext,
  type ModelOutputs,
  type TestSplit,
} from 'osc-trainer/sdk';
import { labelledObjects, meanScores, scoreMasks, type MaskScores } from 'osc-trainer/sdk/metrics';

export const SCORES = {
  ari: { label: 'ARI', of: 'ari' },
  fg_ari: { label: 'FG-ARI', of: 'fgAri' },
  mbo: { label: 'mBO', of: 'mbo' },
} as const;

export type Score = keyof typeof SCORES;

/** The attention of the slots; every other source of the model's is a loss, by its key. */
export const ATTENTION = 'attention';

/** Means over images; one that no image defines is not there. */
export type Scores = Readonly<Partial<Record<Score, number>>>;

export type ScoresBySource = ReadonlyMap<string, Scores>;

/** What was measured of a split. */
export interface SplitScores {
  /** By {@link ATTENTION} and the keys of losses. */
  readonly scores: ScoresBySource;
  /** S */
  readonly numSlots: number;
  /** Of the images: `SplitDigest`. */
  readonly digest: string;
}

/** Maps of the slots of a batch. */
interface BatchMaps {
  /** `[B, S, rows, columns]` */
  readonly maps: Float32Array;
  readonly numSlots: number;
  readonly grid: readonly [number, number];
}

export type Iteration = 'first' | 'last';

/** @throws UsageError where the model gives none */
export function attentionMaps({ attention }: ModelOutputs, { grid }: Dimensions, iteration: Iteration): BatchMaps {
  const map = attention?.objects.at(iteration === 'first' ? 0 : -1);
  if (map === undefined) {
    throw new UsageError(
      'The evaluator robustness measures the attention of slots, and the obj_fn of the model gives no maps.',
      undefined,
      ['data.test.evaluators=[]', 'model/obj_fn=slot_attention'],
    );
  }
  return { maps: Float32Array.from(map.dataSync()), numSlots: map.shape[1], grid };
}

function readMasks(masks: tf.Tensor4D): BatchMaps {
  const [, numSlots, rows, columns] = masks.shape;
  return { maps: Float32Array.from(masks.dataSync()), numSlots, grid: [rows, columns] };
}

export interface ScoringOptions {
  /** For the progress. */
  readonly label: string;
  readonly iteration: Iteration;
  /** Absent: as many as the model is configured with. */
  readonly numSlots: number | undefined;
}

/** @throws RunError for a mask that is not finite */
export async function scoreSplit(
  context: EvaluationContext,
  split: TestSplit,
  { label, iteration, numSlots: asked }: ScoringOptions,
): Promise<SplitScores> {
  const { model, masks } = context;
  const { dimensions, usesObjects } = model;
  const { imageSize } = dimensions;
  const forward: typeof model.forward = (images, mode) => model.forward(images, mode, asked);
  const varied = { ...context, ...split, model: { dimensions, usesObjects, forward } };
  const images = new Map<string, MaskScores[]>();
  const digest = new SplitDigest();
  let numSlots = 0;
  await forwardTestSplit(varied, label, { attention: true }, (outputs, samples, batch) => {
    const attention = attentionMaps(outputs, dimensions, iteration);
    numSlots = attention.numSlots;
    const sources = new Map([[ATTENTION, attention]]);
    for (const source of masks) sources.set(source.name, readMasks(source.masks(batch)));
    const truths = samples.map((sample) => trueMasks(sample, imageSize));
    samples.forEach((sample, i) => digest.add(sample, truths[i]!));
    for (const [source, maps] of sources) {
      if (!maps.maps.every(Number.isFinite)) throw notFinite(source, label);
      const ofSource = images.get(source) ?? [];
      images.set(source, ofSource);
      truths.forEach((truth, i) => {
        const perImage = maps.numSlots * maps.grid[0] * maps.grid[1];
        const ofImage = maps.maps.subarray(i * perImage, (i + 1) * perImage);
        ofSource.push(scoreMasks({ ...maps, maps: ofImage, imageSize }, truth));
      });
    }
  });
  const scores = new Map(Array.from(images, ([source, ofSource]) => [source, summarise(ofSource)]));
  return { scores, numSlots, digest: digest.value() };
}

function notFinite(source: string, label: string): RunError {
  const what = source === ATTENTION ? 'The attention of the slots' : `A mask of the loss ${source}`;
  return new RunError(`${what} is not finite (${label}).`);
}

/** Means over images, by names of scores; what no image defines is left out. */
export function summarise(images: readonly MaskScores[]): Record<string, number> {
  const means = meanScores(images);
  return Object.fromEntries(
    Object.entries(SCORES).flatMap(([score, { of }]): [string, number][] => {
      const mean = means[of];
      return mean === undefined ? [] : [[score, mean]];
    }),
  );
}

/** The most objects that an image of the split shows. */
export async function mostObjects({ samples }: TestSplit, { imageSize }: Dimensions): Promise<number> {
  let most = 0;
  for await (const sample of samples()) most = Math.max(most, labelledObjects(trueMasks(sample, imageSize)).length);
  return most;
}

/** The first samples of a split. */
export function firstSamples({ samples, numSamples }: TestSplit, count: number): TestSplit {
  return {
    numSamples: Math.min(count, numSamples),
    async *samples() {
      let left = count;
      for await (const sample of samples()) {
        if (left-- <= 0) return;
        yield sample;
      }
    },
  };
}
