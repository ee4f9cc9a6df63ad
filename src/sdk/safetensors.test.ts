import fc from 'fast-check';
import { UsageError } from './errors';
import { decodeSafetensors, encodeSafetensors, type SavedTensor } from './safetensors';

const tensors = new Map<string, SavedTensor>([
  ['a.weight', { shape: [2, 3], data: Float32Array.of(1, -2, 3.5, NaN, Infinity, 0) }],
  ['steps', { shape: [], data: Int32Array.of(7) }],
  ['empty', { shape: [0, 4], data: new Float32Array(0) }],
]);

test('what is written reads back, to the bit', () => {
  expect(decodeSafetensors(encodeSafetensors(tensors), 'x')).toEqual(tensors);
});

test('layout: header length, JSON padded to 8 bytes, then data', () => {
  const bytes = Buffer.from(encodeSafetensors(new Map([['w', { shape: [1], data: Float32Array.of(1) }]])));
  const length = Number(bytes.readBigUInt64LE(0));
  expect(length % 8).toBe(0);
  expect(JSON.parse(bytes.toString('utf8', 8, 8 + length))).toEqual({
    w: { dtype: 'F32', shape: [1], data_offsets: [0, 4] },
  });
  expect(bytes.readFloatLE(8 + length)).toBe(1);
  expect(bytes.length).toBe(8 + length + 4);
});

test('every truncation is a UsageError that names the file', () => {
  const bytes = encodeSafetensors(tensors);
  fc.assert(
    fc.property(fc.integer({ min: 0, max: bytes.length - 1 }), (length) => {
      expect(() => decodeSafetensors(bytes.slice(0, length), 'model.safetensors')).toThrow(UsageError);
      expect(() => decodeSafetensors(bytes.slice(0, length), 'model.safetensors')).toThrow(/model\.safetensors/);
    }),
  );
});

test('a shape that does not fit its data is refused, both ways', () => {
  expect(() => encodeSafetensors(new Map([['w', { shape: [3], data: Float32Array.of(1) }]]))).toThrow(RangeError);
  const text = Buffer.from(JSON.stringify({ w: { dtype: 'F32', shape: [3], data_offsets: [0, 4] } }));
  const head = Buffer.alloc(8);
  head.writeBigUInt64LE(BigInt(text.length));
  expect(() => decodeSafetensors(Buffer.concat([head, text, Buffer.alloc(4)]), 'f')).toThrow(/4 bytes for shape \[3\]/);
});

test.each([
  'null',
  '[]',
  '{"w":null}',
  '{"w":{"dtype":"F32","shape":[1]}}',
  '{"w":{"dtype":"F32","shape":[-1,-1],"data_offsets":[0,4]}}',
])('the header %s is refused', (header) => {
  const head = Buffer.alloc(8);
  head.writeBigUInt64LE(BigInt(header.length));
  expect(() => decodeSafetensors(Buffer.concat([head, Buffer.from(header), Buffer.alloc(4)]), 'f')).toThrow(UsageError);
});

test('metadata is no tensor', () => {
  const bytes = encodeSafetensors(new Map([['w', { shape: [1], data: Float32Array.of(1) }]]), { format: 'pt' });
  expect([...decodeSafetensors(bytes, 'f').keys()]).toEqual(['w']);
});
