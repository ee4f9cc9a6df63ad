/** From the fields of a multi-object record to a {@link Sample}. */
import type { RawRecord, Sample } from '../contracts/data';
import { FormatError, decodingRecord } from './broken-record';
import { type Feature, parseExample } from './example';
import { type FieldSpec, decodeFields } from './fields';
import { parseTensor } from './tensor-proto';

const IMAGE = 'image';
const MASK = 'mask';

/** Sizes `[H, W, C]` of the published images; their records hold values only, no shape. */
const IMAGE_SHAPES: readonly (readonly [number, number, number])[] = [
  [240, 320, 3], // CLEVR (with masks)
  [64, 64, 3], // Multi-dSprites, Objects Room
  [64, 64, 1], // Multi-dSprites, binarized
  [35, 35, 3], // Tetrominoes
];

/** `[H, W, 1]` becomes `[H, W, 3]`. */
function toRgb(values: Uint8Array, channels: number): Uint8Array {
  if (channels === 3) return values;
  const rgb = new Uint8Array(values.length * 3);
  for (let i = 0; i < values.length; i++) rgb.fill(values[i]!, 3 * i, 3 * i + 3);
  return rgb;
}

/**
 * Decodes an `image` `[H, W, 1 or 3]`, a `mask` `[K, H, W, 1]` if the fields have one, and takes all other fields as
 * attributes of the K entities (background first).
 * @throws FormatError
 */
export function sampleOf(features: ReadonlyMap<string, Feature>, fields: readonly FieldSpec[]): Sample {
  const decoded = decodeFields(features, fields);
  const spec = (name: string): FieldSpec | undefined => fields.find((field) => field.name === name);
  const imageSpec = spec(IMAGE);
  if (!imageSpec) throw new FormatError("It has no field 'image'.");
  const [height, width, channels] = imageSpec.shape as [number, number, number];
  const sample: Sample = { image: toRgb(decoded[IMAGE] as Uint8Array, channels), height, width };
  const maskSpec = spec(MASK);
  if (!maskSpec) return sample;
  const attributes: Record<string, { values: Float32Array | Uint8Array; shape: readonly number[] }> = {};
  for (const { name, shape } of fields) {
    if (name === IMAGE || name === MASK) continue;
    attributes[name] = { values: decoded[name] as Float32Array | Uint8Array, shape };
  }
  return { ...sample, masks: decoded[MASK] as Uint8Array, numMasks: maskSpec.shape[0]!, attributes };
}

/** {@link sampleOf} of a record. @throws RunError that names record and field */
export function decodeSample(record: RawRecord, fields: readonly FieldSpec[]): Sample {
  return decodingRecord(record, () => sampleOf(parseExample(record.bytes), fields));
}

/** Multi-dSprites, told by its fields, is the one whose masks lie as `[H, W, K, 1]` in the file. */
function inferMask(features: ReadonlyMap<string, Feature>, shape: readonly number[]): FieldSpec {
  const spec: FieldSpec = { name: MASK, type: 'uint8', shape };
  return features.has('orientation') && features.has('scale') ? { ...spec, axes: [2, 0, 1, 3] } : spec;
}

function inferImage(feature: Feature, size: readonly [number, number] | undefined): FieldSpec | undefined {
  const values = feature.singleBytes();
  if (values !== undefined) {
    const shapes =
      size === undefined ? IMAGE_SHAPES : ([3, 1] as const).map((channels) => [...size, channels] as const);
    const shape = shapes.find(([height, width, channels]) => height * width * channels === values.length);
    return shape && { name: IMAGE, type: 'uint8', shape };
  }
  const strings = feature.bytes();
  return strings.length === 1 ? { name: IMAGE, type: 'tensor', shape: parseTensor(strings[0]!).shape } : undefined;
}

/**
 * Types and shapes of the fields of a record of the published multi-object data sets, or of a split file made of one,
 * told by the number of values in each field; undefined for other records.
 *
 * @param imageSize `[H, W]` where it is not one of the published sizes
 * @throws FormatError
 */
export function inferFields(
  features: ReadonlyMap<string, Feature>,
  imageSize?: readonly [number, number],
): FieldSpec[] | undefined {
  const imageFeature = features.get(IMAGE);
  const image = imageFeature?.kind === 'bytes' ? inferImage(imageFeature, imageSize) : undefined;
  if (image?.shape.length !== 3) return undefined;
  const maskFeature = features.get(MASK);
  if (!maskFeature) return features.size === 1 ? [image] : undefined;
  const [height, width] = image.shape as [number, number, number];
  const entities = maskFeature.count() / (height * width);
  if (!Number.isInteger(entities) || entities === 0) return undefined;
  const fields: FieldSpec[] = [image, inferMask(features, [entities, height, width, 1])];
  for (const [name, feature] of features) {
    if (name === IMAGE || name === MASK) continue;
    const each = feature.count() / entities;
    if (!Number.isInteger(each) || each === 0) return undefined;
    // as published: [K] but for vectors, and the one-channel colour of the binarized sprites, which is [K, 1]
    const shape = each === 1 && !(name === 'color' && image.shape[2] === 1) ? [entities] : [entities, each];
    const type = feature.kind === 'bytes' ? 'uint8' : feature.kind === 'float' ? 'float32' : 'int64';
    fields.push({ name, type, shape });
  }
  return fields;
}

/** Of the sky, the floor and two walls; see `objects_room.py` of the published data sets. */
export const OBJECTS_ROOM_BACKGROUND = 4;

/** How many of the masks are background. Objects Room, told by having masks and nothing else, has several. */
export function inferNumBackground(fields: readonly FieldSpec[]): number {
  const numMasks = fields.find(({ name }) => name === MASK)?.shape[0] ?? 0;
  return fields.length === 2 && numMasks >= OBJECTS_ROOM_BACKGROUND ? OBJECTS_ROOM_BACKGROUND : 1;
}
