import * as fc from 'fast-check';
import type { RawRecord } from '../contracts/data';
import { RunError } from '../errors';
import {
  type FieldSpec,
  FormatError,
  decodeRecord,
  decodeSample,
  encodeExample,
  encodeImageRecord,
  parseExample,
  parseTensor,
  serializeTensor,
} from '.';

const record = (bytes: Uint8Array): RawRecord => ({ bytes, file: 'some.tfrecords', index: 7, offset: 1234 });
const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);

test('all kinds of lists survive a round trip', () => {
  fc.assert(
    fc.property(
      fc.array(fc.uint8Array({ maxLength: 20 })),
      fc.uint8Array(),
      fc.array(fc.float({ noNaN: true })),
      fc.array(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })),
      (strings, single, floats, ints) => {
        const features = parseExample(
          encodeExample({
            strings: { kind: 'bytes', values: strings },
            single: { kind: 'singleBytes', values: single },
            floats: { kind: 'float', values: Float32Array.from(floats) },
            ints: { kind: 'int64', values: BigInt64Array.from(ints) },
          }),
        );
        expect([...features.keys()]).toEqual(['strings', 'single', 'floats', 'ints']);
        expect(
          features
            .get('strings')!
            .bytes()
            .map((bytes) => [...bytes]),
        ).toEqual(strings.map((bytes) => [...bytes]));
        expect(features.get('single')!.singleBytes()).toEqual(single);
        expect(features.get('single')!.bytes()).toHaveLength(single.length);
        expect(features.get('floats')!.floats()).toEqual(Float32Array.from(floats));
        expect(features.get('ints')!.int64s()).toEqual(BigInt64Array.from(ints));
      },
    ),
    { numRuns: 50 },
  );
});

test('numbers that are not packed, unknown fields and the later of two features of one name', () => {
  const delimited = (field: number, content: number[]): number[] => [(field << 3) | 2, content.length, ...content];
  const entry = (feature: number[]): number[] => delimited(1, [...delimited(1, [0x61]), ...delimited(2, feature)]);
  const floats = [0x0d, 0, 0, 0x80, 0x3f, 0x0d, 0, 0, 0, 0x40];
  const example = delimited(1, [...entry(delimited(3, [0x08, 5])), ...entry(delimited(2, floats)), 0x10, 9]);
  const features = parseExample(Uint8Array.from([...example, ...delimited(9, [1, 2, 3])]));
  expect(features.get('a')!.floats()).toEqual(Float32Array.of(1, 2));
});

test('byte strings that are not all one byte long have no fast path', () => {
  const features = parseExample(
    encodeExample({ a: { kind: 'bytes', values: [bytesOf('x'), bytesOf(''), bytesOf('yz')] } }),
  );
  expect(features.get('a')!.singleBytes()).toBeUndefined();
  expect(features.get('a')!.count()).toBe(3);
});

test('bytes that are no Example are a FormatError, whatever they are', () => {
  const good = encodeExample({ a: { kind: 'float', values: Float32Array.of(1, 2, 3) } });
  for (let size = 1; size < good.length; size++) {
    expect(() => parseExample(good.subarray(0, size))).toThrow(FormatError);
  }
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 1, maxLength: 60 }), (bytes) => {
      try {
        for (const feature of parseExample(bytes).values()) feature.count();
      } catch (error) {
        expect(error).toBeInstanceOf(FormatError);
      }
    }),
  );
});

describe('serialized tensors', () => {
  test('round trip, of any shape', () => {
    for (const shape of [[], [0], [3], [2, 0, 4], [240, 320, 3]]) {
      const values = new Uint8Array(shape.reduce((a, b) => a * b, 1)).fill(9);
      expect(parseTensor(serializeTensor({ values, shape }))).toEqual({ values: Buffer.from(values), shape });
    }
  });

  test('another dtype, or content that does not fit the shape', () => {
    const float = serializeTensor({ values: new Uint8Array(4), shape: [4] });
    float[1] = 1; // DT_FLOAT
    expect(() => parseTensor(float)).toThrow(/uint8 .*its DataType is 1/);
    expect(() => parseTensor(serializeTensor({ values: new Uint8Array(5), shape: [2, 3] }))).toThrow(
      /shape \[2, 3\] should have 6 bytes, not 5/,
    );
    expect(() => parseTensor(Uint8Array.of(0x22, 50, 1))).toThrow(FormatError);
  });
});

describe('a record that is not what it should be names record, field and cause', () => {
  const specs: FieldSpec[] = [
    { name: 'image', type: 'uint8', shape: [2, 3] },
    { name: 'x', type: 'float32', shape: [2] },
  ];
  const x = { kind: 'float', values: Float32Array.of(1, 2) } as const;

  test.each([
    ['a field is missing', { x }, "The field 'image' is missing; there are: x."],
    [
      'too few values',
      { image: { kind: 'singleBytes', values: new Uint8Array(5) }, x },
      "The field 'image' is wrong. It has 5 values where the shape [2, 3] needs 6.",
    ],
    [
      'longer strings',
      { image: { kind: 'bytes', values: [bytesOf('abcdef')] }, x },
      "The field 'image' is wrong. It holds byte strings that are not one byte long each.",
    ],
    [
      'another kind',
      { image: x, x },
      "The field 'image' is wrong. It holds a list of float where a list of bytes should be.",
    ],
  ] as const)('%s', (_, features, problem) => {
    let thrown: unknown;
    try {
      decodeRecord(record(encodeExample(features)), specs);
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toBeInstanceOf(RunError);
    expect((thrown as RunError).what).toBe(
      'Record 7 of some.tfrecords is broken (byte offset 1234 of the unpacked file).',
    );
    expect((thrown as RunError).why).toBe(problem);
  });

  test('an image of another size in a split file', () => {
    const bytes = encodeImageRecord(new Uint8Array(4 * 5 * 3), 4, 5);
    const shape = [240, 320, 3];
    expect(() => decodeSample(record(bytes), [{ name: 'image', type: 'tensor', shape }])).toThrow(
      "The field 'image' is wrong. It has the shape [4, 5, 3] instead of [240, 320, 3].",
    );
    expect(() => decodeSample(record(bytes), [{ name: 'image', type: 'uint8', shape }])).toThrow(RunError);
  });

  test('no Example at all', () => {
    expect(() => decodeRecord(record(Uint8Array.of(0xff, 0xff)), specs)).toThrow(/It is not a valid tf.train.Example/);
  });
});
