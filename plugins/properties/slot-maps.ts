/** Maps of the slots that objects are matched by: attention, or masks that a loss makes. */
import type * as tf from '@tensorflow/tfjs-core';
import { RunError, UsageError, type BatchOutputs, type EvaluationContext, type TestSample } from 'osc-trainer/sdk';
import type { SlotMaps } from 'osc-trainer/sdk/metrics';
import type { PropertiesOptions } from './options';

export const ATTENTION = 'attention';

/** Of a batch. */
export interface BatchMaps {
  /** `[B, S, rows, columns]` */
  readonly values: Float32Array;
  readonly numSlots: number;
  readonly grid: readonly [number, number];
}

type Choice = Pick<PropertiesOptions, 'masks' | 'attention'>;

/** @throws UsageError where the model or its losses do not have the maps that are chosen */
export function readMaps(
  batch: BatchOutputs,
  { model, masks: sources }: Pick<EvaluationContext, 'model' | 'masks'>,
  { masks, attention }: Choice,
): BatchMaps {
  const read = (maps: tf.Tensor, numSlots: number, grid: readonly [number, number]): BatchMaps => ({
    values: Float32Array.from(maps.dataSync()),
    numSlots,
    grid,
  });
  if (masks === ATTENTION) {
    const map = batch.outputs.attention?.objects.at(attention === 'first' ? 0 : -1);
    if (map !== undefined) return read(map, map.shape[1], model.dimensions.grid);
    throw new UsageError(
      'The evaluator properties matches slots with objects by their attention, and the obj_fn of the model gives no maps.',
      undefined,
      ['data.test.properties.match=prediction', 'model/obj_fn=slot_attention'],
    );
  }
  const source = sources.find(({ name }) => name === masks);
  if (source === undefined) {
    const names = [ATTENTION, ...sources.map(({ name }) => name)];
    throw new UsageError(
      `The evaluator properties is to match slots with objects by masks of "${masks}", and no loss of that key makes masks.`,
      undefined,
      names.map((name) => `data.test.properties.masks=${name}`),
    );
  }
  const maps = source.masks(batch);
  return read(maps, maps.shape[1], [maps.shape[2], maps.shape[3]]);
}

/** @param i the sample's place in the batch */
export function mapsOf(
  { values, numSlots, grid }: BatchMaps,
  i: number,
  { index }: TestSample,
  imageSize: readonly [number, number],
): SlotMaps {
  const each = numSlots * grid[0] * grid[1];
  const maps = values.subarray(i * each, (i + 1) * each);
  if (!maps.every(Number.isFinite)) throw new RunError(`A mask of a slot on test image ${index} is not finite.`);
  return { maps, numSlots, grid, imageSize };
}
