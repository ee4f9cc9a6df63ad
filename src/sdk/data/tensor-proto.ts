/**
 * The serialized tensors of `tf.io.serialize_tensor`, for uint8: a `TensorProto` with its content as raw bytes
 * (TensorFlow, `tensorflow/core/framework/{tensor,tensor_shape,types}.proto`).
 */
import { Reader, Writer } from 'protobufjs/minimal';
import { FormatError } from './broken-record';
import { parsingWire } from './example';

const DT_UINT8 = 4;
const DTYPE = (1 << 3) | 0;
const SHAPE = (2 << 3) | 2;
const CONTENT = (4 << 3) | 2;
const DIM = (2 << 3) | 2;
const SIZE = (1 << 3) | 0;

/** Of what is read here: images and masks. */
const MAX_AXES = 8;

export interface Uint8Tensor {
  readonly values: Uint8Array;
  readonly shape: readonly number[];
}

function parseShape(bytes: Uint8Array): number[] {
  const shape: number[] = [];
  const reader = Reader.create(bytes);
  while (reader.pos < reader.len) {
    const found = reader.uint32();
    if (found !== DIM) {
      reader.skipType(found & 7);
      continue;
    }
    const end = reader.uint32() + reader.pos;
    let size = 0; // proto3 leaves out a zero
    while (reader.pos < end) {
      const inner = reader.uint32();
      if (inner === SIZE) size = Number(reader.int64().toString());
      else reader.skipType(inner & 7);
    }
    shape.push(size);
  }
  return shape;
}

/** Values are a view of `bytes`. @throws FormatError if it is no tensor of uint8 or has too few or too many values */
export function parseTensor(bytes: Uint8Array): Uint8Tensor {
  return parsingWire('serialized tensor', () => {
    const reader = Reader.create(bytes);
    let dtype = 0;
    let shape: number[] = [];
    let values = new Uint8Array(0);
    while (reader.pos < reader.len) {
      const found = reader.uint32();
      if (found === DTYPE) dtype = reader.int32();
      else if (found === SHAPE) shape = parseShape(reader.bytes());
      else if (found === CONTENT) values = reader.bytes() as Uint8Array<ArrayBuffer>;
      else reader.skipType(found & 7);
    }
    if (dtype !== DT_UINT8) {
      throw new FormatError(`A serialized tensor of uint8 (DataType 4) should be there, but its DataType is ${dtype}.`);
    }
    if (shape.length > MAX_AXES) {
      throw new FormatError(`A serialized tensor has ${shape.length} axes; at most ${MAX_AXES} are read.`);
    }
    const count = shape.reduce((product, size) => product * size, 1);
    // two negative sizes have a product that may fit, and so has a huge one beside a zero
    if (!shape.every((size) => Number.isSafeInteger(size) && size >= 0)) {
      throw new FormatError(
        `A serialized tensor has the shape [${shape.join(', ')}]: a size is negative, or too large.`,
      );
    }
    if (values.length !== count) {
      throw new FormatError(
        `A serialized tensor of shape [${shape.join(', ')}] should have ${count} bytes, not ${values.length}.`,
      );
    }
    return { values, shape };
  });
}

/** The bytes of `tf.io.serialize_tensor(tensor)`. */
export function serializeTensor({ values, shape }: Uint8Tensor): Uint8Array {
  const writer = Writer.create().uint32(DTYPE).int32(DT_UINT8).uint32(SHAPE).fork();
  for (const size of shape) {
    writer.uint32(DIM).fork();
    if (size !== 0) writer.uint32(SIZE).int64(size);
    writer.ldelim();
  }
  return writer.ldelim().uint32(CONTENT).bytes(values).finish();
}
