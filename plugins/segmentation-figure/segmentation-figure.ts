import type * as tf from '@tensorflow/tfjs-core';
import {
  component,
  forwardSamples,
  z,
  type Figure,
  type FigureContext,
  type NoPicture,
  type Picture,
} from 'osc-trainer/sdk';
import { unnormalizeImage } from 'osc-trainer/sdk/image';
import { segmentationGrid, type GridScene, type SlotMaps } from './segmentation-grid';

/** What the slots see in the first test scenes. */
@component({
  kind: 'figure',
  name: 'segmentation',
  summary: 'Test scenes with the masks of each slot, their segmentation and the true one',
  options: z.strictObject({}),
})
export class SegmentationFigure implements Figure {
  async check({ model, testSamples }: FigureContext): Promise<void> {
    if (model.usesObjects) await testSamples();
  }

  async draw({ model, masks: sources, normalize, testSamples }: FigureContext): Promise<Picture | NoPicture> {
    if (!model.usesObjects) return { none: 'the model has no slots' };
    const samples = await testSamples();
    if (samples.length === 0) return { none: 'there are no test images' };
    const { imageSize, grid } = model.dimensions;
    const maps = forwardSamples(model, samples, { attention: true }, (outputs, batch) => {
      const last = outputs.attention?.objects.at(-1);
      return {
        numSlots: outputs.fSlots?.shape[1] ?? 0,
        attention: last === undefined ? null : mapsOf(last, grid),
        lossMasks: sources.map(({ name, masks }) => [name, mapsOfMasks(masks(batch))] as const),
      };
    });
    if (maps.attention === null && maps.lossMasks.length === 0) return { none: 'the obj_fn gives no attention maps' };
    const scenes: GridScene[] = [];
    for (const [i, sample] of samples.entries()) {
      if (sample.masks === null) return { none: 'the test split has no masks' };
      scenes.push({
        image: unnormalizeImage(sample.image, imageSize, normalize),
        attention: maps.attention?.[i] ?? null,
        lossMasks: new Map(maps.lossMasks.map(([name, ofScenes]) => [name, ofScenes[i]!])),
        masks: sample.masks,
        numMasks: sample.numMasks,
        numBackground: sample.original.numBackground ?? 1,
      });
    }
    return segmentationGrid(scenes, { imageSize, numSlots: maps.numSlots });
  }
}

/** Maps `[B, S, ...]` of each of B scenes. */
function mapsOf(maps: tf.Tensor, size: readonly [number, number]): SlotMaps[] {
  const values = Float32Array.from(maps.dataSync());
  const [scenes = 0] = maps.shape;
  const perScene = values.length / scenes;
  return Array.from({ length: scenes }, (_, i) => ({
    values: values.subarray(i * perScene, (i + 1) * perScene),
    size,
  }));
}

/** @param masks `[B, S, H, W]` */
function mapsOfMasks(masks: tf.Tensor4D): SlotMaps[] {
  const [, , height, width] = masks.shape;
  return mapsOf(masks, [height, width]);
}
