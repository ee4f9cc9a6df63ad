/**
 * CLEVR (with masks) as published by DeepMind (`multi_object_datasets/clevr_with_masks.py`), and the split files that the
 * reference makes of it (`src/osc/data/clevr_with_masks.py`, `tfrecords.py`): images only, as serialized tensors, for
 * train and val; whole records for test.
 */
import type { RawRecord, Sample, SplitName } from '../contracts/data';
import { FormatError } from './broken-record';
import { type FeatureValue, encodeExample } from './example';
import type { FieldSpec } from './fields';
import { downloadCommand } from './published-files';
import { decodeSample } from './sample';
import { serializeTensor } from './tensor-proto';

export const CLEVR_HEIGHT = 240;
export const CLEVR_WIDTH = 320;
/** Background and up to ten objects. */
export const CLEVR_ENTITIES = 11;

/** Folder under the data root, as in the published bucket. */
export const CLEVR_FOLDER = 'clevr_with_masks';
export const CLEVR_PUBLISHED_FILE = 'clevr_with_masks_train.tfrecords';
/** How many of the 100 000 published records go where; the rest is the test split. */
export const CLEVR_SPLIT_SIZES = { train: 70_000, val: 15_000 } as const;

/** The command that fetches the published file into a data root. */
export function clevrDownloadCommand(root: string): string {
  return downloadCommand({ root, folder: CLEVR_FOLDER, files: [CLEVR_PUBLISHED_FILE] });
}

export function clevrSplitFile(split: SplitName): string {
  return `imgs_${split}.tfrecords`;
}

const imageShape = [CLEVR_HEIGHT, CLEVR_WIDTH, 3] as const;
const perEntity = [CLEVR_ENTITIES] as const;

/** Fields of a published record. `size`, `material`, `shape` and `color` count from 1; 0 is background and padding. */
export const CLEVR_FIELDS = [
  { name: 'image', type: 'uint8', shape: imageShape },
  { name: 'mask', type: 'uint8', shape: [CLEVR_ENTITIES, CLEVR_HEIGHT, CLEVR_WIDTH, 1] },
  { name: 'visibility', type: 'float32', shape: perEntity },
  { name: 'x', type: 'float32', shape: perEntity },
  { name: 'y', type: 'float32', shape: perEntity },
  { name: 'z', type: 'float32', shape: perEntity },
  { name: 'pixel_coords', type: 'float32', shape: [CLEVR_ENTITIES, 3] },
  { name: 'rotation', type: 'float32', shape: perEntity },
  { name: 'size', type: 'uint8', shape: perEntity },
  { name: 'material', type: 'uint8', shape: perEntity },
  { name: 'shape', type: 'uint8', shape: perEntity },
  { name: 'color', type: 'uint8', shape: perEntity },
] as const satisfies readonly FieldSpec[];

/** Fields of a record of the train and val split files. */
export const CLEVR_IMAGE_FIELDS = [
  { name: 'image', type: 'tensor', shape: imageShape },
] as const satisfies readonly FieldSpec[];

/** @throws RunError for a record that is not what its split holds */
export function decodeClevr(record: RawRecord, split: SplitName): Sample {
  return decodeSample(record, split === 'test' ? CLEVR_FIELDS : CLEVR_IMAGE_FIELDS);
}

/** A record of an image alone, equal to the byte to the reference's `serialize_image`. `image`: `[H, W, 3]`. */
export function encodeImageRecord(image: Uint8Array, height: number, width: number): Uint8Array {
  const tensor = serializeTensor({ values: image, shape: [height, width, 3] });
  return encodeExample({ image: { kind: 'bytes', values: [tensor] } });
}

/**
 * A whole record in the published format, of any size of image and number of entities: image and mask and uint8
 * attributes as one-byte strings, the others as floats.
 * @throws FormatError for a sample without masks
 */
export function encodeSceneRecord(sample: Sample): Uint8Array {
  if (!sample.masks) throw new FormatError('A scene without masks cannot be written as a whole record.');
  const features: Record<string, FeatureValue> = {
    image: { kind: 'singleBytes', values: sample.image },
    mask: { kind: 'singleBytes', values: sample.masks },
  };
  for (const [name, { values }] of Object.entries(sample.attributes ?? {})) {
    features[name] = values instanceof Float32Array ? { kind: 'float', values } : { kind: 'singleBytes', values };
  }
  return encodeExample(features);
}
