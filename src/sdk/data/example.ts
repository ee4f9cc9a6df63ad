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

/** Fields of a record, in all of its messages: a feature has four. What is more is no data set, and would take all memory. */
const MAX_FIELDS = 100_000;
/** Numbers of a list, and byte strings that are asked for one by one: 64 MiB of them. A record of that size could hold ten times as much. */
const MAX_VALUES = 2 ** 23;
const MAX_STRINGS = 2 ** 20;

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
    this.countUpTo(MAX_STRINGS);
    const values: Uint8Array[] = [];
    this.each((reader) => values.push(reader.bytes()));
    return values;
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
    const values = new Float32Array(this.countUpTo(MAX_VALUES));
    let at = 0;
    this.each((reader) => (values[at++] = reader.float()));
    return values;
  }

  /** @throws FormatError */
  int64s(): BigInt64Array {
    this.expect('int64');
    const values = new BigInt64Array(this.countUpTo(MAX_VALUES));
    const halves = new Uint32Array(values.buffer);
    let at = 0;
    this.each((reader) => readInt64(reader, halves, 2 * at++));
    return values;
  }

  /** How many values there are, none of them kept. @throws FormatError */
  count(): number {
    let count = 0;
    const { pass } = ELEMENTS[this.kind];
    this.each((reader) => {
      pass(reader);
      count++;
    });
    return count;
  }

  private countUpTo(limit: number): number {
    const count = this.count();
    if (count > limit) throw new FormatError(`It holds ${count} values; at most ${limit} are read.`);
    return count;
  }

  /** @param read is called with the reader before each value of the list, packed or not */
  private each(read: (reader: Reader) => unknown): void {
    const { elementTag } = ELEMENTS[this.kind];
    parsingWire(`list of ${this.kind}`, () => {
      const reader = Reader.create(this.list);
      while (reader.pos < reader.len) {
        const found = reader.uint32();
        if (found === elementTag) {
          read(reader);
        } else if (found === tag(1, DELIMITED) && this.kind !== 'bytes') {
          const end = reader.uint32() + reader.pos;
          if (end > reader.len) throw new FormatError('A packed list is longer than the record.');
          while (reader.pos < end) read(reader);
        } else {
          reader.skipType(found & 7);
        }
      }
    });
  }

  private expect(kind: Feature['kind']): void {
    if (this.kind !== kind) throw new FormatError(`It holds a list of ${this.kind} where a list of ${kind} should be.`);
  }
}

/** Each kind of list on the wire: the tag of a value that is not packed, and how to pass over one. */
const ELEMENTS = {
  bytes: { elementTag: tag(1, DELIMITED), pass: (reader: Reader) => reader.skip(reader.uint32()) },
  float: { elementTag: tag(1, FIXED32), pass: (reader: Reader) => reader.skip(4) },
  int64: { elementTag: tag(1, VARINT), pass: (reader: Reader) => reader.skip() },
};

/** A varint as two halves of 32 bits, little end first: quicker than a BigInt for each. */
function readInt64(reader: Reader, halves: Uint32Array, at: number): void {
  const { buf, len } = reader;
  let [low, high] = [0, 0];
  for (let shift = 0; shift < 70 && reader.pos < len; shift += 7) {
    const byte = buf[reader.pos++]!;
    const bits = byte & 0x7f;
    if (shift <= 28) low |= bits << shift;
    if (shift === 28) high |= bits >> 4;
    if (shift > 28) high |= bits << (shift - 32);
    if (byte < 0x80) {
      halves[at] = low;
      halves[at + 1] = high;
      return;
    }
  }
  throw new FormatError('A number of it is cut off, or has more than ten bytes.');
}

/** How many fields there may still be. */
interface Budget {
  fields: number;
}

/** Calls `field` for each delimited field 'number' of a message, passes over the rest. */
function eachField(bytes: Uint8Array, budget: Budget, field: (number: number, content: Uint8Array) => void): void {
  const reader = Reader.create(bytes);
  while (reader.pos < reader.len) {
    if (budget.fields-- === 0) throw new FormatError(`It has more than ${MAX_FIELDS} fields.`);
    const found = reader.uint32();
    if ((found & 7) === DELIMITED) field(found >>> 3, reader.bytes());
    else reader.skipType(found & 7);
  }
}

function parseFeature(bytes: Uint8Array, budget: Budget): Feature | undefined {
  let feature: Feature | undefined;
  eachField(bytes, budget, (number, content) => {
    const kind = LISTS[number as keyof typeof LISTS] as Feature['kind'] | undefined;
    if (kind !== undefined) feature = new Feature(kind, content);
  });
  return feature;
}

/** The features of a serialized `tf.train.Example` by name; those without a list are left out. @throws FormatError */
export function parseExample(bytes: Uint8Array): Map<string, Feature> {
  const features = new Map<string, Feature>();
  const budget = { fields: MAX_FIELDS };
  parsingWire('tf.train.Example', () => {
    eachField(bytes, budget, (exampleField, map) => {
      if (exampleField !== 1) return;
      eachField(map, budget, (mapField, entry) => {
        if (mapField !== 1) return;
        let name = '';
        let feature: Feature | undefined;
        eachField(entry, budget, (entryField, content) => {
          if (entryField === 1) name = Buffer.from(content).toString('utf8');
          else if (entryField === 2) feature = parseFeature(content, budget);
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
