/** The header of a safetensors file, read as the official reader does, from bytes that nobody vouches for. */
import { z } from 'zod';
import { listOf, mapOf, zodProblems } from '../util/zod-problems';
import { UsageError } from './errors';

/** A tensor as the header tells of it. */
export interface TensorEntry {
  readonly name: string;
  readonly dtype: string;
  readonly shape: readonly number[];
  /** First byte and the one after the last, in the file. */
  readonly bytes: readonly [from: number, to: number];
}

/** The one key of the header that is no tensor. */
export const METADATA = '__metadata__';

/** Bytes of a header. The format allows 100 million; a hundred thousand tensors take ten, and a guard is for what is no model. */
const MAX_HEADER = 10_000_000;
const MAX_DEPTH = 4;

const entrySchema = z.object({
  dtype: z.string(),
  shape: listOf(z.int().nonnegative()),
  data_offsets: z.tuple([z.int().nonnegative(), z.int().nonnegative()]),
});
const metadataSchema = mapOf(z.string()).nullable();

/** Bytes a number, of the kinds that are read or told of. */
const WIDTHS: Readonly<Record<string, number>> = {
  ...{ BOOL: 1, U8: 1, I8: 1, F8_E4M3: 1, F8_E5M2: 1, I16: 2, U16: 2, F16: 2, BF16: 2 },
  ...{ I32: 4, U32: 4, F32: 4, I64: 8, U64: 8, F64: 8 },
};

/** What files are that are given in the place of safetensors, by how they begin; only where that cannot be a length. */
const OTHERS: readonly { readonly begins: Buffer; readonly what: string; readonly hint: string }[] = [
  {
    begins: Buffer.from('version https://git-lfs'),
    what: 'It is a Git LFS pointer: the name of a file that was not downloaded.',
    hint: 'git lfs pull',
  },
  ...[Buffer.from('PK\x03\x04'), Buffer.of(0x80, 2), Buffer.of(0x80, 4)].map((begins) => ({
    begins,
    what: 'It is a file of PyTorch (.pt: a zip, or a pickle, which runs code when it is read).',
    hint: "in Python: safetensors.torch.save_file(torch.load('x.pt', weights_only=True), 'x.safetensors')",
  })),
  { begins: Buffer.of(0x1f, 0x8b), what: 'It is compressed with gzip.', hint: 'gunzip' },
  { begins: Buffer.from('\x89HDF'), what: 'It is an HDF5 file.', hint: 'save the weights as safetensors' },
  {
    begins: Buffer.from('<!DOCTYPE'),
    what: 'It looks like a page (HTML or XML) in place of a file.',
    hint: 'download it anew',
  },
];

/**
 * Every byte after the header belongs to one tensor, in one piece each: no holes, no overlap, nothing behind.
 *
 * @returns the tensors in the order of the header
 * @throws UsageError that names the file, for anything that the format forbids
 */
export function readHeader(file: Buffer, source: string): TensorEntry[] {
  const bad = (why: string, hints: readonly string[] = []): UsageError =>
    new UsageError(`${source} is not a complete safetensors file.`, why, hints);
  if (file.length < 8) throw bad(`It has ${file.length} bytes; the header length alone takes 8.`);
  const length = Number(file.readBigUInt64LE(0));
  if (8 + length > file.length) {
    const other = OTHERS.find(({ begins }) => begins.equals(file.subarray(0, begins.length)));
    if (other) throw bad(other.what, [other.hint]);
    throw bad(`Its header would end at byte ${8 + length} of ${file.length}.`);
  }
  if (length > MAX_HEADER) throw bad(`Its header has ${length} bytes; at most ${MAX_HEADER} are read.`);
  const header = parseHeader(file.subarray(8, 8 + length), bad);
  const start = 8 + length;
  const entries: TensorEntry[] = [];
  for (const [name, written] of Object.entries(header)) {
    if (name === METADATA) {
      if (!metadataSchema.safeParse(written).success) throw bad(`Its ${METADATA} is not a map of text.`);
      continue;
    }
    const parsed = entrySchema.safeParse(written);
    if (!parsed.success) throw bad(`Tensor ${name}: ${zodProblems(parsed.error)}`);
    const { dtype, shape, data_offsets } = parsed.data;
    const width = WIDTHS[dtype];
    const [from, to] = data_offsets;
    let count = 1;
    for (const size of shape) {
      count *= size;
      if (!Number.isSafeInteger(count)) throw bad(`The shape of tensor ${name} overflows.`);
    }
    if (width !== undefined && to - from !== width * count) {
      throw bad(`Tensor ${name} has ${to - from} bytes for shape [${shape.join(', ')}] of ${dtype}.`);
    }
    entries.push({ name, dtype, shape, bytes: [start + from, start + to] });
  }
  requireCover(entries, start, file.length, bad);
  return entries;
}

function requireCover(
  entries: readonly TensorEntry[],
  start: number,
  end: number,
  bad: (why: string) => UsageError,
): void {
  let at = start;
  for (const { name, bytes } of [...entries].sort((a, b) => a.bytes[0] - b.bytes[0] || a.bytes[1] - b.bytes[1])) {
    const [from, to] = bytes;
    if (from !== at || to < from) {
      throw bad(`Tensor ${name} is at bytes ${from} to ${to}, where the one before ends at ${at}.`);
    }
    at = to;
  }
  if (at !== end) throw bad(`Its tensors end at byte ${at} of ${end}.`);
}

function parseHeader(bytes: Uint8Array, bad: (why: string) => UsageError): object {
  let text: string;
  let header: unknown;
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    requireStrict(text);
    header = JSON.parse(text);
  } catch (cause) {
    throw bad(`Its header is not JSON that the format allows (${(cause as Error).message}).`);
  }
  if (typeof header === 'object' && header !== null && !Array.isArray(header)) return header;
  throw bad('Its header is JSON, but no object.');
}

/**
 * Refuses what `JSON.parse` takes without a word: a key twice in one object, numbers that are not written as integers, half a
 * surrogate pair, and deep nesting. Text that is no JSON at all is left to it.
 *
 * @throws SyntaxError
 */
function requireStrict(text: string): void {
  const keys: Set<unknown>[] = [];
  for (const [token] of text.matchAll(/"(?:[^"\\]|\\.)*"(?:\s*:)?|-?\d[\d.eE+-]*|[{}[\]]/gs)) {
    if (token === '{' || token === '[') keys.push(new Set());
    else if (token === '}' || token === ']') keys.pop();
    else if (token.startsWith('"')) checkText(token, keys.at(-1));
    else if (!/^\d+$/.test(token)) throw new SyntaxError(`${token} is no integer`);
    if (keys.length > MAX_DEPTH) throw new SyntaxError('it is nested too deeply');
  }
}

function checkText(token: string, keys: Set<unknown> | undefined): void {
  const isKey = token.endsWith(':');
  const value: unknown = JSON.parse(isKey ? token.slice(0, -1) : token);
  if (/\p{Surrogate}/u.test(String(value))) throw new SyntaxError(`${token} has half a surrogate pair`);
  if (!isKey) return;
  if (keys?.has(value) === true) throw new SyntaxError(`the name ${token.slice(0, -1)} is there twice`);
  keys?.add(value);
}
