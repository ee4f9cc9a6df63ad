import { UsageError, z } from 'osc-trainer/sdk';
import { AS_CLEVR, turnedKnobs } from './knobs';
import { NUM_MASKS, type SceneOptions } from './scene';

const side = z.int().min(32).max(2048);
const strength = z.number().min(0).max(1);
const objects = z
  .int()
  .min(1)
  .max(NUM_MASKS - 1);

export const options = z.strictObject({
  num_train: z.int().min(1).default(7000).describe('scenes in the training split'),
  num_val: z.int().min(1).default(1500).describe('scenes in the validation split'),
  num_test: z.int().min(1).default(1500).describe('scenes in the test split'),
  image_size: z.tuple([side, side]).default([240, 320]).describe('height and width of the images, in pixels'),
  min_objects: objects.default(3).describe('fewest objects in a scene'),
  max_objects: objects.default(10).describe('most objects in a scene'),
  min_visible: z
    .int()
    .min(1)
    .max(400)
    .default(200)
    .describe('fewest pixels of each object to be seen in an image of 240 x 320; in others, in proportion'),
  pairs: z
    .enum(['all', 'seen', 'held_out'])
    .default(AS_CLEVR.pairs)
    .describe(
      'which pairs of colour and shape objects have: all, all but eight that are held out, or these eight alone',
    ),
  occlusion: strength
    .nullable()
    .default(AS_CLEVR.occlusion)
    .describe(
      'how likely an object is put in front of another one or behind it; 0: none hides another; null: by chance, as in CLEVR',
    ),
  light: strength
    .default(AS_CLEVR.light)
    .describe('how far lamps leave CLEVR’s direction, brightness and white; 1: any direction, strong colours'),
  camera: strength
    .default(AS_CLEVR.camera)
    .describe('how far the camera leaves CLEVR’s place; 1: up to 60 degrees around, lower, higher, nearer, tilted'),
  ground: strength.default(AS_CLEVR.ground).describe('contrast of a pattern on the ground: checks, stripes or clouds'),
  texture: strength.default(AS_CLEVR.texture).describe('contrast of such patterns on the objects, each its own'),
  seed: z.int().default(0).describe('the same seed gives the same scenes'),
  cache_dir: z
    .string()
    .min(1)
    .nullable()
    .default(null)
    .describe('where generated scenes are kept; null: osc/scenes under XDG_CACHE_HOME, else under ~/.cache'),
  threads: z.int().min(1).nullable().default(null).describe('threads that generate; null: one per CPU core'),
});

export type ScenesOptions = z.infer<typeof options>;

/** What decides how a scene looks. @throws UsageError where no number of objects is allowed */
export function sceneOptionsOf(options: ScenesOptions): SceneOptions {
  const { image_size, min_objects, max_objects, min_visible } = options;
  if (min_objects > max_objects) {
    throw new UsageError(
      `data.min_objects (${min_objects}) is more than data.max_objects (${max_objects}).`,
      undefined,
      [`data.max_objects=${min_objects}`],
    );
  }
  return {
    height: image_size[0],
    width: image_size[1],
    minObjects: min_objects,
    maxObjects: max_objects,
    minVisible: min_visible,
    ...turnedKnobs(options),
  };
}
