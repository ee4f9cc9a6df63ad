/** Scores of the slots' masks over a test split, by where the masks come from. Letters: B images, S slots. */
import type * as tf from '@tensorflow/tfjs-core';
import {
  forwardTestSplit,
  RunError,
  trueMasks,
  UsageError,
  type Dimensions,
  type EvaluationContext,
  type ModelOutputs,
  type TestSplit,
} from 'osc-trainer/sdk';
import { scoreMasks, labelledObjects } from 'osc-trainer/sdk/metrics';

export const SCORES = {
  ari: { label: 'ARI', of: 'ari' },
  fg_ari: { label: 'FG-ARI', of: 'fgAri' },
  mbo: { label: 'mBO', of: 'mbo' },
} as const;

export type Score = keyof typeof SCORES;

/** The attention of the slots; every other source is a loss, by its key. */
export const ATTENTION = 'attention';

/** Means over images; one that no image defines is not there. */
export type Scores = Readonly<Partial<Record<Score, number>>>;

export type ScoresBySource = ReadonlyMap<string, Scores>;

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
  { label, iteration, numSlots }: ScoringOptions,
): Promise<ScoresBySource> {
  const { model, masks } = context;
  const { dimensions, usesObjects } = model;
  const forward: typeof model.forward = (images, mode) => model.forward(images, mode, numSlots);
  const varied = { ...context, ...split, model: { dimensions, usesObjects, forward } };
  const values = new Map<string, Record<Score, number[]>>();
  await forwardTestSplit(varied, label, { attention: true }, (outputs, samples, batch) => {
    const sources = new Map([[ATTENTION, attentionMaps(outputs, dimensions, iteration)]]);
    for (const source of masks) sources.set(source.name, readMasks(source.masks(batch)));
    for (const [source, maps] of sources) {
      if (!maps.maps.every(Number.isFinite)) throw notFinite(source, label);
      const ofSource = values.get(source) ?? { ari: [], fg_ari: [], mbo: [] };
      values.set(source, ofSource);
      samples.forEach((sample, i) => {
        const perImage = maps.numSlots * maps.grid[0] * maps.grid[1];
        const ofImage = maps.maps.subarray(i * perImage, (i + 1) * perImage);
        const { imageSize } = dimensions;
        const scores = scoreMasks({ ...maps, maps: ofImage, imageSize }, trueMasks(sample, imageSize));
        for (const [score, { of }] of Object.entries(SCORES)) ofSource[score as Score].push(scores[of]);
      });
    }
  });
  return new Map(Array.from(values, ([source, ofSource]) => [source, means(ofSource)]));
}

function notFinite(source: string, label: string): RunError {
  const what = source === ATTENTION ? 'The attention of the slots' : `A mask of the loss ${source}`;
  return new RunError(`${what} is not finite (${label}).`);
}

function means(values: Readonly<Record<Score, readonly number[]>>): Scores {
  return Object.fromEntries(
    Object.entries(values).flatMap(([score, ofImages]): [string, number][] => {
      const defined = ofImages.filter((value) => !Number.isNaN(value));
      return defined.length === 0 ? [] : [[score, defined.reduce((sum, value) => sum + value, 0) / defined.length]];
    }),
  );
}

/** The most objects that an image of the split shows. */
export async function mostObjects({ samples }: TestSplit, { imageSize }: Dimensions): Promise<number> {
  let most = 0;
  for await (const sample of samples()) {
    most = Math.max(most, labelledObjects(trueMasks(sample, imageSize)).length);
  }
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
