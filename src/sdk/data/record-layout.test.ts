import { encodeExample, encodeImageRecord, parseExample, type Feature, type FeatureValue } from '.';
import { serializeTensor } from './tensor-proto';
import { inferLayout, type RecordLayout } from './record-layout';

const ROOM: RecordLayout = {
  fields: [
    { name: 'image', type: 'uint8', shape: [4, 6, 3] },
    { name: 'mask', type: 'uint8', shape: [3, 4, 6, 1] },
  ],
  numBackground: 2,
};
const SPRITES: RecordLayout = {
  fields: [
    { name: 'image', type: 'uint8', shape: [5, 5, 1] },
    { name: 'mask', type: 'uint8', shape: [2, 5, 5, 1], axes: [2, 0, 1, 3] },
    { name: 'x', type: 'float32', shape: [2] },
    { name: 'color', type: 'float32', shape: [2, 1] },
  ],
};
const layouts = [ROOM, SPRITES];

const bytes = (count: number): FeatureValue => ({ kind: 'singleBytes', values: new Uint8Array(count) });
const floats = (count: number): FeatureValue => ({ kind: 'float', values: new Float32Array(count) });
const features = (values: Record<string, FeatureValue>): ReadonlyMap<string, Feature> =>
  parseExample(encodeExample(values));

test('a record of a layout, whatever the order of its fields', () => {
  expect(inferLayout(features({ mask: bytes(3 * 24), image: bytes(72) }), layouts)).toEqual(ROOM);
  const sprites = inferLayout(
    features({ color: floats(2), x: floats(2), mask: bytes(2 * 25), image: bytes(25) }),
    layouts,
  )!;
  expect(new Set(sprites.fields)).toEqual(new Set(SPRITES.fields));
  expect(sprites.numBackground).toBe(1);
});

test('other numbers of entities, and another size that is given, are read like the layout with these fields', () => {
  const more = inferLayout(features({ image: bytes(72), mask: bytes(5 * 24) }), layouts);
  expect(more).toMatchObject({ fields: [{}, { shape: [5, 4, 6, 1] }], numBackground: 2 });
  expect(inferLayout(features({ image: bytes(72), mask: bytes(24) }), layouts)).toMatchObject({ numBackground: 1 });
  const small = features({ image: bytes(12), mask: bytes(3 * 4), x: floats(3), color: floats(9) });
  expect(inferLayout(small, layouts)).toBeUndefined();
  expect(inferLayout(small, layouts, [2, 2])?.fields).toEqual([
    { name: 'image', type: 'uint8', shape: [2, 2, 3] },
    { name: 'mask', type: 'uint8', shape: [3, 2, 2, 1], axes: [2, 0, 1, 3] },
    { name: 'x', type: 'float32', shape: [3] },
    { name: 'color', type: 'float32', shape: [3, 3] },
  ]);
});

test('an image alone that says its size needs no layout', () => {
  const image = parseExample(encodeImageRecord(new Uint8Array(2 * 3 * 3), 2, 3));
  expect(inferLayout(image, [])).toEqual({ fields: [{ name: 'image', type: 'tensor', shape: [2, 3, 3] }] });
});

test.each([[[2, 3, 2]], [[2, 3, 4]], [[0, 0, 3]], [[1, 3_000_000, 1]], [[-2, -3, 3]]])(
  'an image of shape %j is no picture',
  (shape) => {
    const count = shape.reduce((size, n) => size * n, 1);
    const tensor = serializeTensor({ values: new Uint8Array(count), shape });
    const image = features({ image: { kind: 'bytes', values: [tensor] } });
    expect(() => inferLayout(image, [])).toThrow(/the shape \[/);
  },
);

test('fields of other records are not guessed', () => {
  expect(inferLayout(features({ label: { kind: 'int64', values: BigInt64Array.of(1n) } }), layouts)).toBeUndefined();
  const strings: FeatureValue = { kind: 'bytes', values: [Buffer.from('JPEG'), Buffer.from('x')] };
  expect(inferLayout(features({ image: strings }), layouts)).toBeUndefined();
  expect(inferLayout(features({ image: bytes(17) }), layouts)).toBeUndefined();
  expect(inferLayout(features({ image: bytes(72), mask: bytes(25) }), layouts)).toBeUndefined();
  expect(inferLayout(features({ image: bytes(72), mask: bytes(72), x: floats(4) }), layouts)).toBeUndefined();
});
