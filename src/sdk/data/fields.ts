/** Decoding the features of an Example into arrays of known type and shape. */
import { shortenText } from '../../util/text';
import type { RawRecord } from '../contracts/data';
import { FormatError, decodingRecord } from './broken-record';
import { type Feature, parseExample } from './example';
import { parseTensor } from './tensor-proto';

/**
 * How a field is stored: `uint8` as one byte string of length 1 per element, `tensor` as one byte string that is a
 * serialized uint8 tensor, `float32` and `int64` as lists of numbers.
 */
export type FieldType = 'uint8' | 'tensor' | 'float32' | 'int64';

export interface FieldSpec {
  readonly name: string;
  readonly type: FieldType;
  /** As decoded. */
  readonly shape: readonly number[];
  /** Where the file has its axes in another order: for each axis of `shape`, which axis of the file it is. */
  readonly axes?: readonly number[];
}

/** Values of a field, row-major. */
export interface FieldValues {
  readonly uint8: Uint8Array;
  readonly tensor: Uint8Array;
  readonly float32: Float32Array;
  readonly int64: BigInt64Array;
}

export type DecodedFields<S extends readonly FieldSpec[]> = {
  readonly [F in S[number] as F['name']]: FieldValues[F['type']];
};

/** Characters, in a message. */
const MAX_NAMES = 500;

const sizeOf = (shape: readonly number[]): number => shape.reduce((product, size) => product * size, 1);

function decodeTensor(feature: Feature, shape: readonly number[]): Uint8Array {
  const count = feature.kind === 'bytes' ? feature.count() : 1; // of another kind: bytes() says so
  if (count !== 1) throw new FormatError(`It holds ${count} byte strings where one serialized tensor should be.`);
  const tensor = parseTensor(feature.bytes()[0]!);
  if (tensor.shape.length !== shape.length || tensor.shape.some((size, axis) => size !== shape[axis])) {
    throw new FormatError(`It has the shape [${tensor.shape.join(', ')}] instead of [${shape.join(', ')}].`);
  }
  return tensor.values;
}

/** `tf.transpose` of bytes; `shape` is that of the result. */
function transpose(values: Uint8Array, shape: readonly number[], axes: readonly number[]): Uint8Array {
  const fileShape: number[] = [];
  axes.forEach((fileAxis, axis) => (fileShape[fileAxis] = shape[axis]!));
  const strides = axes.map((fileAxis) => sizeOf(fileShape.slice(fileAxis + 1)));
  const result = new Uint8Array(values.length);
  let at = 0;
  const fill = (axis: number, from: number): void => {
    if (axis === shape.length) result[at++] = values[from]!;
    else for (let i = 0; i < shape[axis]!; i++) fill(axis + 1, from + i * strides[axis]!);
  };
  fill(0, 0);
  return result;
}

function decodeValues(feature: Feature, { type, shape, axes }: FieldSpec): FieldValues[FieldType] {
  if (type === 'tensor') return decodeTensor(feature, shape);
  const values = type === 'uint8' ? feature.singleBytes() : type === 'float32' ? feature.floats() : feature.int64s();
  if (values === undefined) throw new FormatError('It holds byte strings that are not one byte long each.');
  if (values.length !== sizeOf(shape)) {
    throw new FormatError(
      `It has ${values.length} values where the shape [${shape.join(', ')}] needs ${sizeOf(shape)}.`,
    );
  }
  return axes && values instanceof Uint8Array ? transpose(values, shape, axes) : values;
}

/** @throws FormatError that names the field */
export function decodeFields<const S extends readonly FieldSpec[]>(
  features: ReadonlyMap<string, Feature>,
  specs: S,
): DecodedFields<S> {
  const decoded: Record<string, FieldValues[FieldType]> = {};
  for (const spec of specs) {
    const feature = features.get(spec.name);
    if (!feature) {
      const names = shortenText([...features.keys()].sort().join(', '), MAX_NAMES) || 'none at all';
      throw new FormatError(`The field '${spec.name}' is missing; there are: ${names}.`);
    }
    try {
      decoded[spec.name] = decodeValues(feature, spec);
    } catch (error) {
      if (!(error instanceof FormatError)) throw error;
      throw new FormatError(`The field '${spec.name}' is wrong. ${error.message}`, { cause: error });
    }
  }
  return decoded as DecodedFields<S>;
}

/**
 * Decodes the fields named out of a record that is a `tf.train.Example`.
 * @throws RunError that names record and field where one is missing or is not of that type and shape
 */
export function decodeRecord<const S extends readonly FieldSpec[]>(record: RawRecord, specs: S): DecodedFields<S> {
  return decodingRecord(record, () => decodeFields(parseExample(record.bytes), specs));
}
