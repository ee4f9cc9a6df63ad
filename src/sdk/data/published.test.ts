/** Everything against files written by TensorFlow, with digests of every decoded field. */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { RawRecord, SplitName } from '../contracts/data';
import {
  CLEVR_FIELDS,
  type FieldSpec,
  clevrSplitFile,
  decodeClevr,
  decodeRecord,
  encodeExample,
  encodeImageRecord,
  encodeSceneRecord,
  inferFields,
  parseExample,
  readRecords,
} from '.';

const folder = join(__dirname, '../../../../shared/data/multi_object_tiny');
const onPublished = existsSync(folder) ? describe : describe.skip;

interface ExpectedField {
  shape: number[];
  dtype: 'uint8' | 'float32';
  sha256: string;
}
type Expected = Record<string, Record<string, ExpectedField>[]>;
interface ExpectedSplit {
  record_sha256: string;
  record_bytes: number;
  image_sha256: string;
}

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
      const inferred = inferFields(parseExample(records[index]!.bytes));
      const byName = (a: FieldSpec, b: FieldSpec): number => a.name.localeCompare(b.name);
      expect(inferred?.sort(byName)).toEqual(specs.sort(byName));
    }
  });

  test('the CLEVR schema is that of the published file', () => {
    const fields = expected['clevr_with_masks/clevr_with_masks_train.tfrecords']![0]!;
    const specs = CLEVR_FIELDS.map(({ name, type, shape }) => [name, { type, shape: [...shape] }]);
    const published = Object.entries(fields).map(([name, { dtype, shape }]) => [name, { type: dtype, shape }]);
    expect(Object.fromEntries(specs)).toEqual(Object.fromEntries(published));
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

onPublished('the split files', () => {
  const split = existsSync(folder)
    ? (readJson('clevr_with_masks/split.json') as Record<SplitName, ExpectedSplit[]>)
    : { train: [], val: [], test: [] };

  test.each(['train', 'val', 'test'] as const)('%s', async (name) => {
    const records = await all(`clevr_with_masks/${clevrSplitFile(name)}`);
    expect(records).toHaveLength(split[name].length);
    for (const [index, wanted] of split[name].entries()) {
      const record = records[index]!;
      expect(record.bytes.length).toBe(wanted.record_bytes);
      expect(sha256(record.bytes)).toBe(wanted.record_sha256);
      const sample = decodeClevr(record, name);
      expect(sha256(sample.image)).toBe(wanted.image_sha256);
      expect(sample.numMasks).toBe(name === 'test' ? 11 : undefined);
    }
  });

  test('an image of the published file becomes the same record as the reference made of it', async () => {
    const published = await all('clevr_with_masks/clevr_with_masks_train.tfrecords');
    for (const [index, wanted] of [...split.train, ...split.val].entries()) {
      const { image, height, width } = decodeClevr(published[index]!, 'test');
      expect(sha256(encodeImageRecord(image, height, width))).toBe(wanted.record_sha256);
    }
  });

  test('a scene survives encoding', async () => {
    const [record] = await all('clevr_with_masks/imgs_test.tfrecords');
    const sample = decodeClevr(record!, 'test');
    const again = decodeClevr({ ...record!, bytes: encodeSceneRecord(sample) }, 'test');
    expect([again.height, again.width, again.numMasks]).toEqual([240, 320, 11]);
    expect(sha256(again.image)).toBe(sha256(sample.image));
    expect(sha256(again.masks!)).toBe(sha256(sample.masks!));
    expect(again.attributes).toEqual(sample.attributes);
  });
});
