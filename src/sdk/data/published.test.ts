/** Everything against files written by TensorFlow, with digests of every decoded field. */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { RawRecord } from '../contracts/data';
import { type FieldSpec, decodeRecord, encodeExample, parseExample, readRecords } from '.';

const folder = join(__dirname, '../../../../shared/data/multi_object_tiny');
const onPublished = existsSync(folder) ? describe : describe.skip;

interface ExpectedField {
  shape: number[];
  dtype: 'uint8' | 'float32';
  sha256: string;
}
type Expected = Record<string, Record<string, ExpectedField>[]>;
const readJson = (file: string): unknown => JSON.parse(readFileSync(join(folder, file), 'utf8'));
const sha256 = (values: Uint8Array | Float32Array | BigInt64Array): string =>
  createHash('sha256')
    .update(new Uint8Array(values.buffer, values.byteOffset, values.byteLength))
    .digest('hex');

async function all(file: string): Promise<RawRecord[]> {
  const records: RawRecord[] = [];
  for await (const record of readRecords(join(folder, file))) records.push(record);
  return records;
}

onPublished('the published files', () => {
  const expected = existsSync(folder) ? (readJson('expected.json') as Expected) : {};

  test.each(Object.keys(expected))('every field of every record of %s', async (file) => {
    const records = await all(file);
    expect(records).toHaveLength(expected[file]!.length);
    for (const [index, fields] of expected[file]!.entries()) {
      const specs: FieldSpec[] = Object.entries(fields).map(([name, field]) => ({
        name,
        type: field.dtype,
        shape: field.shape,
        // as multi_object_datasets/multi_dsprites.py has it
        ...(name === 'mask' && file.startsWith('multi_dsprites') ? { axes: [2, 0, 1, 3] } : {}),
      }));
      const decoded = decodeRecord(records[index]!, specs);
      for (const [name, field] of Object.entries(fields)) {
        expect([name, sha256(decoded[name]!)]).toEqual([name, field.sha256]);
      }
    }
  });

  test('an Example decoded and encoded again, features in the same order, is equal to the byte', async () => {
    const [record] = await all('clevr_with_masks/clevr_with_masks_train.tfrecords');
    const features = [...parseExample(record!.bytes)].map(([name, feature]) => [
      name,
      feature.kind === 'float'
        ? { kind: 'float', values: feature.floats() }
        : { kind: 'singleBytes', values: feature.singleBytes() },
    ]);
    const encoded = encodeExample(Object.fromEntries(features) as Parameters<typeof encodeExample>[0]);
    expect(sha256(encoded)).toBe(sha256(record!.bytes));
  });
});
