/** Masks of the slots that a model has: its attention, first and last, and what its losses make. */
import type * as tf from '@tensorflow/tfjs-core';
import {
  forwardTestSplit,
  RunError,
  trueMasks,
  UsageError,
  type BatchOutputs,
  type EvaluationContext,
  type MaskSource,
  type ModelOutputs,
  type TestSample,
} from 'osc-trainer/sdk';
import { scoreMasks, type MaskScores, type TrueMasks } from 'osc-trainer/sdk/metrics';
import type { Row } from './columns';

export type ChosenAttention = 'first' | 'last';

/** Soft masks of a batch. */
interface BatchMaps {
  /** `[B, S, rows, columns]` */
  readonly maps: Float32Array;
  /** S */
  readonly numSlots: number;
  readonly grid: readonly [number, number];
}

/** A row of the table, and what its masks are of, for messages. */
interface Source extends Row {
  readonly what: string;
  read(outputs: ModelOutputs, batch: BatchOutputs): BatchMaps;
}

/** What was measured of the images of the test split, in their order. */
export interface Measured {
  readonly row: Row;
  readonly images: readonly MaskScores[];
  /** S */
  readonly numSlots: number;
}

/**
 * Attention of the first iteration (or block) and of the last where there are several, the chosen one first; masks of losses.
 *
 * @param numMaps iterations
 */
export function sourcesOf(
  numMaps: number,
  masks: readonly MaskSource[],
  { grid }: EvaluationContext['model']['dimensions'],
  chosen: ChosenAttention,
): Source[] {
  const attention = (which: ChosenAttention): Source => ({
    key: which === chosen ? '' : `attention_${which}`,
    label: numMaps > 1 ? `attention, ${which}` : 'attention',
    baseline: false,
    what: 'The attention of the slots',
    read: ({ attention: maps }) => readMaps(maps!.objects.at(which === 'first' ? 0 : -1)!, grid),
  });
  const other = chosen === 'first' ? 'last' : 'first';
  return [
    attention(chosen),
    ...(numMaps > 1 ? [attention(other)] : []),
    ...masks.map(({ name, masks: make }) => ({
      key: name,
      label: `masks of ${name}`,
      baseline: false,
      what: `A mask of the loss ${name}`,
      read: (_: ModelOutputs, batch: BatchOutputs) => readMasks(make(batch)),
    })),
  ];
}

/** How many maps of attention the slots have: one an iteration. @throws UsageError where the model gives none */
export function countMaps({ attention }: ModelOutputs): number {
  const count = attention?.objects.length ?? 0;
  if (count > 0) return count;
  throw new UsageError(
    'The evaluator segmentation measures the attention of slots, and the obj_fn of the model gives no maps.',
    undefined,
    ['data.test.evaluators=[]', 'model/obj_fn=slot_attention'],
  );
}

/**
 * Measures every source of a model on the test split.
 *
 * @param visit is called with every sample, in order
 * @throws RunError for masks that are not finite
 */
export async function measureSources(
  context: EvaluationContext,
  {
    label,
    chosen,
    visit,
  }: { readonly label: string; chosen: ChosenAttention; visit?: (sample: TestSample, truth: TrueMasks) => void },
): Promise<Measured[]> {
  const { model, masks } = context;
  const { dimensions } = model;
  const batches = await forwardTestSplit(context, label, { attention: true }, (outputs, samples, batch) => {
    const sources = sourcesOf(countMaps(outputs), masks, dimensions, chosen);
    const read = sources.map((source) => ({ source, maps: source.read(outputs, batch) }));
    return samples.map((sample, i) => {
      const truth = trueMasks(sample, dimensions.imageSize);
      visit?.(sample, truth);
      return read.map(({ source, maps: { maps, numSlots, grid } }) => {
        const perImage = numSlots * grid[0] * grid[1];
        const ofImage = maps.subarray(i * perImage, (i + 1) * perImage);
        if (!ofImage.every(Number.isFinite)) {
          throw new RunError(`${source.what} on test image ${sample.index} is not finite.`);
        }
        const scores = scoreMasks({ maps: ofImage, numSlots, grid, imageSize: dimensions.imageSize }, truth);
        return { row: source, scores, numSlots };
      });
    });
  });
  const images = batches.flat();
  return (images[0] ?? []).map(({ row: { key, label: ofRow, baseline }, numSlots }, s) => ({
    row: { key, label: ofRow, baseline },
    images: images.map((ofImage) => ofImage[s]!.scores),
    numSlots,
  }));
}

function readMaps(map: tf.Tensor3D, grid: readonly [number, number]): BatchMaps {
  return { maps: Float32Array.from(map.dataSync()), numSlots: map.shape[1], grid };
}

function readMasks(masks: tf.Tensor4D): BatchMaps {
  const [, numSlots, rows, columns] = masks.shape;
  return { maps: Float32Array.from(masks.dataSync()), numSlots, grid: [rows, columns] };
}
