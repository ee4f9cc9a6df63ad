import { readFileSync } from 'node:fs';
import { join } from 'node:path';
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

/** What the official reader (safetensors 0.8.0 for Python) says of small files: whether it reads them. */
const VERDICTS = JSON.parse(readFileSync(join(__dirname, 'safetensors-verdicts.fixture.json'), 'utf8')) as {
  case: string;
  reads: boolean;
  hex: string;
}[];

/** Read by the official reader though the format forbids it, or of no use here. */
const STRICTER = ['dup name', 'dup by escape', 'dup metadata key', 'zero by big', 'tuple entry', 'F16'];

test.each(VERDICTS)('$case: as the official reader', ({ case: name, reads, hex }) => {
  const decode = (): unknown => decodeSafetensors(Buffer.from(hex, 'hex'), 'a file');
  if (reads && !STRICTER.includes(name)) expect(decode).not.toThrow();
  else expect(decode).toThrow(UsageError);
});

test('a tensor may have any name', () => {
  const named = new Map([['__proto__', { shape: [1], data: Float32Array.of(1) }]]);
  expect(decodeSafetensors(encodeSafetensors(named), 'x')).toEqual(named);
});

test.each([
  ['version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n', /Git LFS pointer/, 'git lfs pull'],
  ['PK\x03\x04\0\0\0\0\0\0', /PyTorch/, 'save_file'],
])('what is taken for safetensors is named: %j', (text, what, hint) => {
  const error = thrownBy(() => decodeSafetensors(Buffer.from(text, 'latin1'), 'f'));
  expect(error.why).toMatch(what);
  expect(error.hints.join()).toContain(hint);
});

test('a header of many tensors over the same bytes, or of many mistakes, is refused at once and in few words', () => {
  const entry = { dtype: 'F32', shape: [100_000], data_offsets: [0, 400_000] };
  const bombs = [entry, { dtype: 1 }].map((value) => {
    const entries = Array.from({ length: 9000 }, (_, i) => [`t${i}`, value]);
    const header = Buffer.from(JSON.stringify(Object.fromEntries(entries)));
    const head = Buffer.alloc(8);
    head.writeBigUInt64LE(BigInt(header.length));
    return Buffer.concat([head, header, Buffer.alloc(400_000)]);
  });
  for (const bomb of bombs) {
    const before = process.memoryUsage.rss();
    expect(thrownBy(() => decodeSafetensors(bomb, 'f')).message.length).toBeLessThan(1000);
    expect(process.memoryUsage.rss() - before).toBeLessThan(200e6);
  }
});

function thrownBy(work: () => unknown): UsageError {
  try {
    work();
  } catch (error) {
    if (error instanceof UsageError) return error;
  }
  throw new Error('No UsageError was thrown.');
}

test('metadata is no tensor', () => {
  const bytes = encodeSafetensors(new Map([['w', { shape: [1], data: Float32Array.of(1) }]]), { format: 'pt' });
  expect([...decodeSafetensors(bytes, 'f').keys()]).toEqual(['w']);
});
