/** Against files written by TensorFlow, with digests of every record and image. */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { RawRecord, SplitName } from 'osc-trainer/sdk';
import { encodeImageRecord, encodeSceneRecord, readRecords } from 'osc-trainer/sdk/data';
import { Clevr10 } from './clevr10';
import { FOLDER, PUBLISHED_FILE, WHOLE_FIELDS, splitFile } from './records';

const shared = join(__dirname, '../../../shared/data/multi_object_tiny');
const onShared = existsSync(shared) ? describe : describe.skip;

interface ExpectedSplit {
  record_sha256: string;
  record_bytes: number;
  image_sha256: string;
}

const dataset = new Clevr10({ root: shared });
const readJson = (file: string): unknown => JSON.parse(readFileSync(join(shared, file), 'utf8'));
const sha256 = (values: Uint8Array | Float32Array): string =>
  createHash('sha256')
    .update(new Uint8Array(values.buffer, values.byteOffset, values.byteLength))
    .digest('hex');

async function all(file: string): Promise<RawRecord[]> {
  const records: RawRecord[] = [];
  for await (const record of readRecords(join(shared, FOLDER, file))) records.push(record);
  return records;
}

onShared('the published file', () => {
  test('the schema of whole records is that of the published file', () => {
    const expected = readJson('expected.json') as Record<string, Record<string, { shape: number[]; dtype: string }>[]>;
    const fields = expected[`${FOLDER}/${PUBLISHED_FILE}`]![0]!;
    const specs = WHOLE_FIELDS.map(({ name, type, shape }) => [name, { type, shape: [...shape] }]);
    const published = Object.entries(fields).map(([name, { dtype, shape }]) => [name, { type: dtype, shape }]);
    expect(Object.fromEntries(specs)).toEqual(Object.fromEntries(published));
  });
});

onShared('the split files', () => {
  const split = existsSync(shared)
    ? (readJson(join(FOLDER, 'split.json')) as Record<SplitName, ExpectedSplit[]>)
    : { train: [], val: [], test: [] };

  test.each(['train', 'val', 'test'] as const)('%s', async (name) => {
    const records = await all(splitFile(name));
    expect(records).toHaveLength(split[name].length);
    for (const [index, wanted] of split[name].entries()) {
      const record = records[index]!;
      expect(record.bytes.length).toBe(wanted.record_bytes);
      expect(sha256(record.bytes)).toBe(wanted.record_sha256);
      const sample = dataset.decode(record, name);
      expect(sha256(sample.image)).toBe(wanted.image_sha256);
      expect(sample.numMasks).toBe(name === 'test' ? 11 : undefined);
    }
  });

  test('an image of the published file becomes the same record as the reference made of it', async () => {
    const published = await all(PUBLISHED_FILE);
    for (const [index, wanted] of [...split.train, ...split.val].entries()) {
      const { image, height, width } = dataset.decode(published[index]!, 'test');
      expect(sha256(encodeImageRecord(image, height, width))).toBe(wanted.record_sha256);
    }
  });

  test('a scene survives encoding', async () => {
    const [record] = await all(splitFile('test'));
    const sample = dataset.decode(record!, 'test');
    const again = dataset.decode({ ...record!, bytes: encodeSceneRecord(sample) }, 'test');
    expect([again.height, again.width, again.numMasks]).toEqual([240, 320, 11]);
    expect(sha256(again.image)).toBe(sha256(sample.image));
    expect(sha256(again.masks!)).toBe(sha256(sample.masks!));
    expect(again.attributes).toEqual(sample.attributes);
  });
});
