/**
 * The safetensors format: 8 bytes of header length (little endian), a JSON header, then the tensors' bytes.
 * https://github.com/huggingface/safetensors#format
 */
import { z } from 'zod';
import { UsageError } from './errors';

export interface SavedTensor {
  readonly shape: readonly number[];
  /** Row-major. */
  readonly data: Float32Array | Int32Array;
}

const headerSchema = z.record(
  z.string(),
  z.strictObject({
    dtype: z.string(),
    shape: z.array(z.int().nonnegative()),
    data_offsets: z.tuple([z.int().nonnegative(), z.int().nonnegative()]),
  }),
);

const MAX_HEADER = 100_000_000;
/** The one key of the header that is no tensor. */
const METADATA = '__metadata__';

function sizeOf(shape: readonly number[]): number {
  return shape.reduce((a, b) => a * b, 1);
}

/** The same tensors in the same order give the same bytes. */
export function encodeSafetensors(
  tensors: ReadonlyMap<string, SavedTensor>,
  metadata?: Readonly<Record<string, string>>,
): Uint8Array {
  const header: Record<string, unknown> = metadata ? { [METADATA]: metadata } : {};
  let offset = 0;
  for (const [name, { shape, data }] of tensors) {
    if (name === METADATA) throw new RangeError(`No tensor can be named ${METADATA}.`);
    if (sizeOf(shape) !== data.length) {
      throw new RangeError(`Tensor ${name} has ${data.length} values for shape [${shape.join(', ')}].`);
    }
    const end = offset + data.byteLength;
    header[name] = { dtype: data instanceof Float32Array ? 'F32' : 'I32', shape, data_offsets: [offset, end] };
    offset = end;
  }
  let text = Buffer.from(JSON.stringify(header), 'utf8');
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
 * @throws UsageError when the bytes are not safetensors, or hold a dtype other than F32 and I32
 */
export function decodeSafetensors(bytes: Uint8Array, source: string): Map<string, SavedTensor> {
  const bad = (why: string): UsageError => new UsageError(`${source} is not a complete safetensors file.`, why);
  if (bytes.length < 8) throw bad(`It has ${bytes.length} bytes; the header length alone takes 8.`);
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const headerLength = Number(view.readBigUInt64LE(0));
  if (headerLength > MAX_HEADER || 8 + headerLength > bytes.length) {
    throw bad(`Its header would end at byte ${8 + headerLength} of ${bytes.length}.`);
  }
  let json: object | null;
  try {
    json = JSON.parse(view.toString('utf8', 8, 8 + headerLength)) as object | null;
  } catch (cause) {
    throw bad(`Its header is not JSON (${(cause as Error).message}).`);
  }
  const tensorsOnly =
    json === null || Array.isArray(json)
      ? json
      : Object.fromEntries(Object.entries(json).filter(([name]) => name !== METADATA));
  const header = headerSchema.safeParse(tensorsOnly);
  if (!header.success) throw bad(`Its header is not that of safetensors (${z.prettifyError(header.error)}).`);
  const start = 8 + headerLength;
  const tensors = new Map<string, SavedTensor>();
  for (const [name, entry] of Object.entries(header.data)) {
    const [from, to] = entry.data_offsets;
    if (to < from || start + to > bytes.length) {
      throw bad(`Tensor ${name} would end at byte ${start + to} of ${bytes.length}.`);
    }
    if (entry.dtype !== 'F32' && entry.dtype !== 'I32') {
      throw new UsageError(`Tensor ${name} of ${source} has dtype ${entry.dtype}.`, 'Only F32 and I32 are read.');
    }
    if (to - from !== 4 * sizeOf(entry.shape)) {
      throw bad(`Tensor ${name} has ${to - from} bytes for shape [${entry.shape.join(', ')}].`);
    }
    const copy = new Uint8Array(to - from); // aligned, and independent of the file's buffer
    copy.set(bytes.subarray(start + from, start + to));
    const data = entry.dtype === 'F32' ? new Float32Array(copy.buffer) : new Int32Array(copy.buffer);
    tensors.set(name, { shape: entry.shape, data });
  }
  return tensors;
}
