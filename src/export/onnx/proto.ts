/**
 * The part of ONNX's file format that is needed to write a graph, on the wire format of protobuf
 * (https://github.com/onnx/onnx/blob/main/onnx/onnx.proto, IR version 8).
 */
import { Writer } from 'protobufjs/minimal';

const IR_VERSION = 8;
/** Reductions and `Split` have their axes and sizes as inputs from this one on. ONNX Runtime 1.14 and newer read it. */
export const OPSET = 18;

export type OnnxType = 'float32' | 'int32' | 'int64' | 'bool';

/** `TensorProto.DataType` */
const DATA_TYPES: Readonly<Record<OnnxType, number>> = { float32: 1, int32: 6, int64: 7, bool: 9 };

export function dataType(type: OnnxType): number {
  return DATA_TYPES[type];
}

export interface OnnxTensor {
  readonly name: string;
  readonly type: OnnxType;
  readonly shape: readonly number[];
  /** Little endian, row-major. */
  readonly bytes: Uint8Array;
}

export type OnnxAttribute =
  number | string | readonly number[] | { readonly float: number } | { readonly tensor: OnnxTensor };

export interface OnnxNode {
  readonly op: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  /** Plain numbers are integers. */
  readonly attributes: Readonly<Record<string, OnnxAttribute>>;
}

/** An input or an output of the graph; a name in its shape is a size that is known when it runs. */
export interface OnnxPort {
  readonly name: string;
  readonly type: OnnxType;
  readonly shape: readonly (number | string)[];
}

export interface OnnxModel {
  readonly name: string;
  readonly producerVersion: string;
  readonly nodes: readonly OnnxNode[];
  readonly initializers: readonly OnnxTensor[];
  readonly inputs: readonly OnnxPort[];
  readonly outputs: readonly OnnxPort[];
  readonly metadata: Readonly<Record<string, string>>;
}

const VARINT = 0;
const DELIMITED = 2;
const FIXED32 = 5;
const tag = (field: number, wireType: number): number => (field << 3) | wireType;

/** Writes a field that is a message. */
function message(writer: Writer, field: number, write: (inner: Writer) => void): void {
  write(writer.uint32(tag(field, DELIMITED)).fork());
  writer.ldelim();
}

const text = (writer: Writer, field: number, value: string): Writer =>
  writer.uint32(tag(field, DELIMITED)).string(value);
const integer = (writer: Writer, field: number, value: number): Writer =>
  writer.uint32(tag(field, VARINT)).int64(value);

function writeTensor(writer: Writer, { name, type, shape, bytes }: OnnxTensor): void {
  for (const length of shape) integer(writer, 1, length);
  integer(writer, 2, DATA_TYPES[type]);
  text(writer, 8, name);
  writer.uint32(tag(9, DELIMITED)).bytes(bytes);
}

/** `AttributeProto.AttributeType` */
const ATTRIBUTE = { float: 1, int: 2, string: 3, tensor: 4, ints: 7 };

function writeAttribute(writer: Writer, name: string, value: OnnxAttribute): void {
  text(writer, 1, name);
  if (typeof value === 'number') {
    integer(writer, 3, value);
    integer(writer, 20, ATTRIBUTE.int);
  } else if (typeof value === 'string') {
    text(writer, 4, value);
    integer(writer, 20, ATTRIBUTE.string);
  } else if ('float' in value) {
    writer.uint32(tag(2, FIXED32)).float(value.float);
    integer(writer, 20, ATTRIBUTE.float);
  } else if ('tensor' in value) {
    message(writer, 5, (inner) => {
      writeTensor(inner, value.tensor);
    });
    integer(writer, 20, ATTRIBUTE.tensor);
  } else {
    for (const item of value) integer(writer, 8, item);
    integer(writer, 20, ATTRIBUTE.ints);
  }
}

function writeNode(writer: Writer, { op, inputs, outputs, attributes }: OnnxNode): void {
  for (const input of inputs) text(writer, 1, input);
  for (const output of outputs) text(writer, 2, output);
  text(writer, 3, outputs[0]!);
  text(writer, 4, op);
  for (const [name, value] of Object.entries(attributes)) {
    message(writer, 5, (inner) => {
      writeAttribute(inner, name, value);
    });
  }
}

function writePort(writer: Writer, { name, type, shape }: OnnxPort): void {
  text(writer, 1, name);
  message(writer, 2, (ofType) => {
    message(ofType, 1, (ofTensor) => {
      integer(ofTensor, 1, DATA_TYPES[type]);
      message(ofTensor, 2, (ofShape) => {
        for (const length of shape) {
          message(ofShape, 1, (dimension) => {
            if (typeof length === 'number') integer(dimension, 1, length);
            else text(dimension, 2, length);
          });
        }
      });
    });
  });
}

/** The bytes of a `.onnx` file. */
export function encodeOnnx(model: OnnxModel): Uint8Array {
  const writer = new Writer();
  integer(writer, 1, IR_VERSION);
  text(writer, 2, 'osc');
  text(writer, 3, model.producerVersion);
  message(writer, 7, (graph) => {
    for (const node of model.nodes) {
      message(graph, 1, (inner) => {
        writeNode(inner, node);
      });
    }
    text(graph, 2, model.name);
    for (const tensor of model.initializers) {
      message(graph, 5, (inner) => {
        writeTensor(inner, tensor);
      });
    }
    for (const [field, ports] of [
      [11, model.inputs],
      [12, model.outputs],
    ] as const) {
      for (const port of ports) {
        message(graph, field, (inner) => {
          writePort(inner, port);
        });
      }
    }
  });
  message(writer, 8, (opset) => {
    text(opset, 1, '');
    integer(opset, 2, OPSET);
  });
  for (const [key, value] of Object.entries(model.metadata)) {
    message(writer, 14, (entry) => {
      text(entry, 1, key);
      text(entry, 2, value);
    });
  }
  return writer.finish();
}
