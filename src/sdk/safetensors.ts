/**
 * The safetensors format: 8 bytes of header length (little endian), a JSON header, then the tensors' bytes.
 * https://github.com/huggingface/safetensors#format
 */
import { UsageError } from './errors';
import { METADATA, readHeader } from './safetensors-header';

export interface SavedTensor {
  readonly shape: readonly number[];
  /** Row-major. */
  readonly data: Float32Array | Int32Array;
}

function sizeOf(shape: readonly number[]): number {
  return shape.reduce((a, b) => a * b, 1);
}

/** The same tensors in the same order give the same bytes. */
export function encodeSafetensors(
  tensors: ReadonlyMap<string, SavedTensor>,
  metadata?: Readonly<Record<string, string>>,
): Uint8Array {
  const header: [string, unknown][] = metadata ? [[METADATA, metadata]] : [];
  let offset = 0;
  for (const [name, { shape, data }] of tensors) {
    if (name === METADATA) throw new RangeError(`No tensor can be named ${METADATA}.`);
    if (sizeOf(shape) !== data.length) {
      throw new RangeError(`Tensor ${name} has ${data.length} values for shape [${shape.join(', ')}].`);
    }
    const end = offset + data.byteLength;
    header.push([name, { dtype: data instanceof Float32Array ? 'F32' : 'I32', shape, data_offsets: [offset, end] }]);
    offset = end;
  }
  let text = Buffer.from(JSON.stringify(Object.fromEntries(header)), 'utf8');
  const padding = (8 - (text.length % 8)) % 8;
  text = Buffer.concat([text, Buffer.alloc(padding, ' ')]);
  const file = Buffer.alloc(8 + text.length + offset);
  file.writeBigUInt64LE(BigInt(text.length), 0);
  text.copy(file, 8);
  let at = 8 + text.length;
  for (const { data } of tensors.values()) {
    file.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), at);
    at += data.byteLength;
  }
  return file;
}

/**
 * @param source what the bytes are called in messages, e.g. the file's path
 * @throws UsageError when the bytes are not safetensors, as the official reader sees it, or hold a dtype other than F32 and I32
 */
export function decodeSafetensors(bytes: Uint8Array, source: string): Map<string, SavedTensor> {
  const entries = readHeader(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength), source);
  return new Map(
    entries.map(({ name, dtype, shape, bytes: [from, to] }) => {
      if (dtype !== 'F32' && dtype !== 'I32') {
        throw new UsageError(`Tensor ${name} of ${source} has dtype ${dtype}.`, 'Only F32 and I32 are read.');
      }
      const copy = new Uint8Array(to - from); // aligned, and independent of the file's buffer
      copy.set(bytes.subarray(from, to));
      const data = dtype === 'F32' ? new Float32Array(copy.buffer) : new Int32Array(copy.buffer);
      return [name, { shape, data }];
    }),
  );
}
