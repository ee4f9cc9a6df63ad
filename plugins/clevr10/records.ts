/**
 * CLEVR (with masks) as published by DeepMind (`multi_object_datasets/clevr_with_masks.py`), and the split files that the
 * reference makes of it (`src/osc/data/clevr_with_masks.py`, `tfrecords.py`): images only, as serialized tensors, for
 * train and val; whole records for test.
 */
import type { CategoricalAttribute, SplitName } from 'osc-trainer/sdk';
import type { FieldSpec } from 'osc-trainer/sdk/data';

export const HEIGHT = 240;
export const WIDTH = 320;
/** Background and up to ten objects. */
export const ENTITIES = 11;

/** Folder under the data root, as in the published bucket. */
export const FOLDER = 'clevr_with_masks';
export const PUBLISHED_FILE = 'clevr_with_masks_train.tfrecords';
/** How many of the 100 000 published records go where; the rest is the test split. */
export const SPLIT_SIZES = { train: 70_000, val: 15_000 } as const;

export const SPLITS: readonly SplitName[] = ['train', 'val', 'test'];

export function splitFile(split: SplitName): string {
  return `imgs_${split}.tfrecords`;
}

const imageShape = [HEIGHT, WIDTH, 3] as const;
const perEntity = [ENTITIES] as const;

/** Fields of a published record. */
export const WHOLE_FIELDS = [
  { name: 'image', type: 'uint8', shape: imageShape },
  { name: 'mask', type: 'uint8', shape: [ENTITIES, HEIGHT, WIDTH, 1] },
  { name: 'visibility', type: 'float32', shape: perEntity },
  { name: 'x', type: 'float32', shape: perEntity },
  { name: 'y', type: 'float32', shape: perEntity },
  { name: 'z', type: 'float32', shape: perEntity },
  { name: 'pixel_coords', type: 'float32', shape: [ENTITIES, 3] },
  { name: 'rotation', type: 'float32', shape: perEntity },
  { name: 'size', type: 'uint8', shape: perEntity },
  { name: 'material', type: 'uint8', shape: perEntity },
  { name: 'shape', type: 'uint8', shape: perEntity },
  { name: 'color', type: 'uint8', shape: perEntity },
] as const satisfies readonly FieldSpec[];

/** Fields of a record of the train and val split files. */
export const IMAGE_FIELDS = [
  { name: 'image', type: 'tensor', shape: imageShape },
] as const satisfies readonly FieldSpec[];

/** In the order of the reference's questions (`prepare_test_vqa`): 2 · 8 · 2 · 3 = 96 of them. */
export const CATEGORIES: readonly CategoricalAttribute[] = [
  { name: 'size', values: ['large', 'small'] },
  { name: 'color', values: ['gray', 'red', 'blue', 'green', 'brown', 'purple', 'cyan', 'yellow'] },
  { name: 'material', values: ['rubber', 'metal'] },
  { name: 'shape', values: ['cube', 'sphere', 'cylinder'] },
];
