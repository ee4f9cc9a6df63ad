/** The fields of a record of which only the file is given: told by the layouts that data sets declare. */
import { FormatError } from './broken-record';
import type { Feature } from './example';
import type { FieldSpec, FieldType } from './fields';
import { IMAGE, MASK } from './sample';
import { parseTensor } from './tensor-proto';

/** How the records of a data set look: `image` `[H, W, 1 or 3]`, perhaps `mask` `[K, H, W, 1]`, and attributes of the K entities. */
export interface RecordLayout {
  readonly fields: readonly FieldSpec[];
  /** How many of the masks, the first ones, are background; 1 if absent. */
  readonly numBackground?: number;
}

type Features = ReadonlyMap<string, Feature>;

/**
 * Types and shapes of the fields of a record, told by the number of values in each of them. A record holds values only, no
 * shape: the size of an image that is no serialized tensor is one that a layout has. The rest is as in the layout with the
 * same fields, also where the record has another size or number of entities.
 *
 * @param imageSize `[H, W]` where no layout has it
 * @returns undefined for a record that is no image in such a layout
 * @throws FormatError
 */
export function inferLayout(
  features: Features,
  layouts: readonly RecordLayout[],
  imageSize?: readonly [number, number],
): RecordLayout | undefined {
  const image = inferImage(features.get(IMAGE), layouts, imageSize);
  if (image === undefined) return undefined;
  const maskFeature = features.get(MASK);
  if (maskFeature === undefined) return features.size === 1 ? { fields: [image] } : undefined;
  const [height, width] = image.shape as [number, number, number];
  const entities = maskFeature.count() / (height * width);
  if (!Number.isInteger(entities) || entities === 0) return undefined;
  const like = similarLayout(features, layouts);
  const declared = (name: string): FieldSpec | undefined => like?.fields.find((field) => field.name === name);

  const axes = declared(MASK)?.axes;
  const fields: FieldSpec[] = [
    image,
    { name: MASK, type: 'uint8', shape: [entities, height, width, 1], ...(axes && { axes }) },
  ];
  for (const [name, feature] of features) {
    if (name === IMAGE || name === MASK) continue;
    const each = feature.count() / entities;
    if (!Number.isInteger(each) || each === 0) return undefined;
    const isVector = each > 1 || declared(name)?.shape.length === 2;
    fields.push({ name, type: TYPES[feature.kind], shape: isVector ? [entities, each] : [entities] });
  }
  const { numBackground = 1 } = like ?? {};
  return { fields, numBackground: numBackground <= entities ? numBackground : 1 };
}

const TYPES: Readonly<Record<Feature['kind'], FieldType>> = { bytes: 'uint8', float: 'float32', int64: 'int64' };

function inferImage(
  feature: Feature | undefined,
  layouts: readonly RecordLayout[],
  imageSize: readonly [number, number] | undefined,
): FieldSpec | undefined {
  if (feature?.kind !== 'bytes') return undefined;
  const values = feature.singleBytes();
  if (values === undefined) {
    if (feature.count() !== 1) return undefined;
    const { shape } = parseTensor(feature.bytes()[0]!);
    if (shape.length !== 3) return undefined;
    requirePicture(shape);
    return { name: IMAGE, type: 'tensor', shape };
  }
  const known = layouts.flatMap(({ fields }) => fields.filter(({ name }) => name === IMAGE).map(({ shape }) => shape));
  const shapes = imageSize === undefined ? known : [3, 1].map((channels) => [...imageSize, channels]);
  const shape = shapes.find((sizes) => product(sizes) === values.length);
  return shape && { name: IMAGE, type: 'uint8', shape };
}

/** One with the same fields; of several the one that fits. */
function similarLayout(features: Features, layouts: readonly RecordLayout[]): RecordLayout | undefined {
  const similar = layouts.filter(
    ({ fields }) => fields.length === features.size && fields.every(({ name }) => features.has(name)),
  );
  const fits = ({ name, type, shape }: FieldSpec): boolean =>
    type === 'tensor' || features.get(name)?.count() === product(shape);
  return similar.find(({ fields }) => fields.every(fits)) ?? similar[0];
}

/** A side of a picture, in pixels. */
const MAX_SIDE = 16_384;

/** @throws FormatError for what is no picture that can be drawn: no pixels, a strip of millions, 2 or 4 channels */
function requirePicture(shape: readonly number[]): void {
  const [height = 0, width = 0, channels = 0] = shape;
  const isSide = (size: number): boolean => size >= 1 && size <= MAX_SIDE;
  if (isSide(height) && isSide(width) && (channels === 1 || channels === 3)) return;
  throw new FormatError(
    `Its image has the shape [${shape.join(', ')}]: it should be [H, W, 1 or 3], with sides of 1 to ${MAX_SIDE} pixels.`,
  );
}

function product(shape: readonly number[]): number {
  return shape.reduce((size, n) => size * n, 1);
}
