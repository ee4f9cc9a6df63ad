import { UsageError, z } from 'osc-trainer/sdk';

const side = z.int().min(16).max(512);
const objects = z.int().min(1).max(10);

export const options = z.strictObject({
  num_train: z.int().min(1).default(20000).describe('images in the training split'),
  num_val: z.int().min(1).default(500).describe('images in the validation split'),
  num_test: z.int().min(1).default(500).describe('images in the test split'),
  image_size: z.tuple([side, side]).default([32, 32]).describe('height and width of the images, in pixels'),
  min_objects: objects.default(1).describe('fewest sprites in an image'),
  max_objects: objects.default(4).describe('most sprites in an image'),
  seed: z.int().default(0).describe('the same seed gives the same images'),
});

export type SpritesOptions = z.infer<typeof options>;

/** @throws UsageError where no number of sprites is allowed */
export function requireNumbers({ min_objects: min, max_objects: max }: SpritesOptions): void {
  if (min <= max) return;
  throw new UsageError(`data.min_objects (${min}) is more than data.max_objects (${max}).`, undefined, [
    `data.max_objects=${min}`,
  ]);
}
