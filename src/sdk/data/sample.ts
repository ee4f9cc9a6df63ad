/** From the fields of a multi-object record to a {@link Sample}. */
import type { RawRecord, Sample } from '../contracts/data';
import { FormatError, decodingRecord } from './broken-record';
import { type Feature, parseExample } from './example';
import { type FieldSpec, decodeFields } from './fields';

/** Fields with a meaning of their own; all others are attributes. */
export const IMAGE = 'image';
export const MASK = 'mask';

/** `[H, W, 1]` becomes `[H, W, 3]`. */
function toRgb(values: Uint8Array, channels: number): Uint8Array {
  if (channels === 3) return values;
  const rgb = new Uint8Array(values.length * 3);
  for (let i = 0; i < values.length; i++) rgb.fill(values[i]!, 3 * i, 3 * i + 3);
  return rgb;
}

/**
 * Decodes an `image` `[H, W, 1 or 3]`, a `mask` `[K, H, W, 1]` if the fields have one, and takes all other fields as
 * attributes of the K entities (background first).
 * @throws FormatError
 */
export function sampleOf(features: ReadonlyMap<string, Feature>, fields: readonly FieldSpec[]): Sample {
  const decoded = decodeFields(features, fields);
  const spec = (name: string): FieldSpec | undefined => fields.find((field) => field.name === name);
  const imageSpec = spec(IMAGE);
  if (!imageSpec) throw new FormatError("It has no field 'image'.");
  const [height, width, channels] = imageSpec.shape as [number, number, number];
  const sample: Sample = { image: toRgb(decoded[IMAGE] as Uint8Array, channels), height, width };
  const maskSpec = spec(MASK);
  if (!maskSpec) return sample;
  const attributes: Record<string, { values: Float32Array | Uint8Array; shape: readonly number[] }> = {};
  for (const { name, shape } of fields) {
    if (name === IMAGE || name === MASK) continue;
    attributes[name] = { values: decoded[name] as Float32Array | Uint8Array, shape };
  }
  return { ...sample, masks: decoded[MASK] as Uint8Array, numMasks: maskSpec.shape[0]!, attributes };
}

/** {@link sampleOf} of a record. @throws RunError that names record and field */
export function decodeSample(record: RawRecord, fields: readonly FieldSpec[]): Sample {
  return decodingRecord(record, () => sampleOf(parseExample(record.bytes), fields));
}
