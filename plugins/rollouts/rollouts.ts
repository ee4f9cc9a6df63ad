import * as tf from '@tensorflow/tfjs-core';
import {
  component,
  z,
  type Figure,
  type FigureContext,
  type NoPicture,
  type Picture,
  type ViewedModel,
} from 'osc-trainer/sdk';
import { unnormalizeImage } from 'osc-trainer/sdk/image';
import { modelRollouts } from './model-rollouts';
import { rolloutGrid, type CropRollouts, type RolloutCrop } from './rollout-grid';

/** Attention rollouts in crops of the first validation images. */
@component({
  kind: 'figure',
  name: 'rollouts',
  summary: 'Where the backbone, the global representation and each slot look in validation images',
  options: z.strictObject({}),
  reference: 'run_viz in src/osc/train.py',
})
export class RolloutsFigure implements Figure {
  async check({ validationCrops }: FigureContext): Promise<void> {
    await validationCrops();
  }

  async draw({ model, normalize, validationCrops }: FigureContext): Promise<Picture | NoPicture> {
    const { imageSize, grid } = model.dimensions;
    const crops: RolloutCrop[] = [];
    for (const crop of await validationCrops()) {
      const rollouts = rolloutsOf(model, crop);
      if (rollouts === null) return { none: 'the backbone gives no attention maps' };
      crops.push({ image: unnormalizeImage(crop, imageSize, normalize), ...rollouts });
    }
    return crops.length === 0 ? { none: 'there are no validation images' } : rolloutGrid(crops, { imageSize, grid });
  }
}

/** One crop `[3, h, w]` at a time: the maps of a batch can be larger than all that training needs. */
function rolloutsOf(model: ViewedModel, crop: Float32Array): CropRollouts | null {
  const images = tf.tensor4d(crop, [1, 3, ...model.dimensions.imageSize]);
  const rollouts = modelRollouts(model, images);
  images.dispose();
  if (rollouts === null) return null;
  const read = (map: tf.Tensor): Float32Array => {
    const values = Float32Array.from(map.dataSync());
    map.dispose();
    return values;
  };
  const { backbone, global, slots } = rollouts;
  return {
    backbone: read(backbone),
    global: read(global),
    slots: slots && { tokens: read(slots.tokens), image: read(slots.image) },
  };
}
