/**
 * `tf.train.Example`: a map from names to lists of byte strings, floats or integers
 * (TensorFlow, `tensorflow/core/example/{example,feature}.proto`).
 */
import { Reader, Writer } from 'protobufjs/minimal';
import { FormatError } from './broken-record';

/** What a feature holds. `bytes`: byte strings; `singleBytes`: one byte string per element, each one byte long. */
export type FeatureValue =
  | { readonly kind: 'bytes'; readonly values: readonly Uint8Array[] }
  | { readonly kind: 'singleBytes'; readonly values: Uint8Array }
  | { readonly kind: 'float'; readonly values: Float32Array }
  | { readonly kind: 'int64'; readonly values: BigInt64Array };

/** Fields of `Feature`'s oneof, by number. */
const LISTS = { 1: 'bytes', 2: 'float', 3: 'int64' } as const;

/** A one-byte string on the wire: tag of field 1, length 1, the byte. The published images are a million of them. */
const SINGLE_TAG = 0x0a;
const SINGLE_STRIDE = 3;

const tag = (field: number, wireType: number): number => (field << 3) | wireType;
const VARINT = 0;
const DELIMITED = 2;
const FIXED32 = 5;

/** Any complaint of the wire-format reader is about the bytes. */
export function parsingWire<T>(what: string, parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    if (error instanceof FormatError) throw error;
    throw new FormatError(`It is not a valid ${what} (${(error as Error).message}).`, { cause: error });
  }
}

/** A feature whose values are decoded when asked for. */
export class Feature {
  constructor(
    readonly kind: 'bytes' | 'float' | 'int64',
    private readonly list: Uint8Array,
  ) {}

  /** The byte strings, as views of the record. @throws FormatError */
  bytes(): Uint8Array[] {
    this.expect('bytes');
    return this.parse((reader, values: Uint8Array[]) => values.push(reader.bytes()), tag(1, DELIMITED), []);
  }

  /** One byte per byte string, or undefined if any is not one byte long. @throws FormatError */
  singleBytes(): Uint8Array | undefined {
    this.expect('bytes');
    const { list } = this;
    const count = list.length / SINGLE_STRIDE;
    if (!Number.isInteger(count)) return undefined;
    const values = new Uint8Array(count);
    for (let i = 0, at = 0; i < count; i++, at += SINGLE_STRIDE) {
      if (list[at] !== SINGLE_TAG || list[at + 1] !== 1) return undefined;
      values[i] = list[at + 2]!;
    }
    return values;
  }

  /** @throws FormatError */
  floats(): Float32Array {
    this.expect('float');
    const values = this.parse((reader, found: number[]) => found.push(reader.float()), tag(1, FIXED32), []);
    return Float32Array.from(values);
  }

  /** @throws FormatError */
  int64s(): BigInt64Array {
    this.expect('int64');
    const read = (reader: Reader, found: bigint[]): number => found.push(BigInt(reader.int64().toString()));
    return BigInt64Array.from(this.parse(read, tag(1, VARINT), []));
  }

  /** How many values there are. @throws FormatError */
  count(): number {
    if (this.kind === 'bytes') return this.singleBytes()?.length ?? this.bytes().length;
    return this.kind === 'float' ? this.floats().length : this.int64s().length;
  }

  /** All values of a list, packed or not. */
  private parse<T>(read: (reader: Reader, into: T[]) => unknown, elementTag: number, into: T[]): T[] {
    return parsingWire(`list of ${this.kind}`, () => {
      const reader = Reader.create(this.list);
      while (reader.pos < reader.len) {
        const found = reader.uint32();
        if (found === elementTag) {
          read(reader, into);
        } else if (found === tag(1, DELIMITED) && this.kind !== 'bytes') {
          const end = reader.uint32() + reader.pos;
          if (end > reader.len) throw new FormatError('A packed list is longer than the record.');
          while (reader.pos < end) read(reader, into);
        } else {
          reader.skipType(found & 7);
        }
      }
      return into;
    });
  }

  private expect(kind: Feature['kind']): void {
    if (this.kind !== kind) throw new FormatError(`It holds a list of ${this.kind} where a list of ${kind} should be.`);
  }
}

/** Calls `field` for each delimited field 'number' of a message, passes over the rest. */
function eachField(bytes: Uint8Array, field: (number: number, content: Uint8Array) => void): void {
  const reader = Reader.create(bytes);
  while (reader.pos < reader.len) {
    const found = reader.uint32();
    if ((found & 7) === DELIMITED) field(found >>> 3, reader.bytes());
    else reader.skipType(found & 7);
  }
}

function parseFeature(bytes: Uint8Array): Feature | undefined {
  let feature: Feature | undefined;
  eachField(bytes, (number, content) => {
    const kind = LISTS[number as keyof typeof LISTS] as Feature['kind'] | undefined;
    if (kind !== undefined) feature = new Feature(kind, content);
  });
  return feature;
}

/** The features of a serialized `tf.train.Example` by name; those without a list are left out. @throws FormatError */
export function parseExample(bytes: Uint8Array): Map<string, Feature> {
  const features = new Map<string, Feature>();
  parsingWire('tf.train.Example', () => {
    eachField(bytes, (exampleField, map) => {
      if (exampleField !== 1) return;
      eachField(map, (mapField, entry) => {
        if (mapField !== 1) return;
        let name = '';
        let feature: Feature | undefined;
        eachField(entry, (entryField, content) => {
          if (entryField === 1) name = Buffer.from(content).toString('utf8');
          else if (entryField === 2) feature = parseFeature(content);
        });
        if (feature) features.set(name, feature);
      });
    });
  });
  return features;
}

function encodeSingleBytes(values: Uint8Array): Uint8Array {
  const list = Buffer.allocUnsafe(values.length * SINGLE_STRIDE);
  for (let i = 0, at = 0; i < values.length; i++, at += SINGLE_STRIDE) {
    list[at] = SINGLE_TAG;
    list[at + 1] = 1;
    list[at + 2] = values[i]!;
  }
  return list;
}

/** Bytes in pieces: a list of millions of bytes is nested four messages deep, and copied only once, at the end. */
interface Pieces {
  readonly parts: readonly Uint8Array[];
  readonly length: number;
}

const piece = (bytes: Uint8Array): Pieces => ({ parts: [bytes], length: bytes.length });

function join(...all: readonly Pieces[]): Pieces {
  return { parts: all.flatMap(({ parts }) => parts), length: all.reduce((sum, { length }) => sum + length, 0) };
}

function delimited(field: number, content: Pieces): Pieces {
  return join(piece(Writer.create().uint32(tag(field, DELIMITED)).uint32(content.length).finish()), content);
}

function encodeFeature(value: FeatureValue): Pieces {
  if (value.kind === 'singleBytes') return delimited(1, piece(encodeSingleBytes(value.values)));
  if (value.kind === 'bytes') return delimited(1, join(...value.values.map((string) => delimited(1, piece(string)))));
  const writer = Writer.create();
  if (value.kind === 'float') for (const number of value.values) writer.float(number);
  else for (const number of value.values) writer.int64(number.toString());
  const packed = piece(writer.finish());
  return delimited(value.kind === 'float' ? 2 : 3, packed.length > 0 ? delimited(1, packed) : packed);
}

/** Serializes a `tf.train.Example`; features come in the order given, lists of numbers are packed, as TensorFlow has it. */
export function encodeExample(features: Readonly<Record<string, FeatureValue>>): Uint8Array {
  const entries = Object.entries(features).map(([name, value]) =>
    delimited(1, join(delimited(1, piece(Buffer.from(name, 'utf8'))), delimited(2, encodeFeature(value)))),
  );
  return Buffer.concat(delimited(1, join(...entries)).parts);
}
