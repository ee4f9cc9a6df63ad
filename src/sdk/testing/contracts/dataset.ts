import type { Dataset, DatasetVariation, RawRecord, Sample, SplitName } from '../../contracts/data';
import { silentProgress } from '../../logger';
import { assert, assertEqual } from '../assert';
import type { ContractContext } from './context';

/** Reading all of a published data set would take hours. */
const MAX_RECORDS = 20;
const SPLITS: readonly SplitName[] = ['train', 'val', 'test'];

export function datasetContract({ runner: { it }, make }: ContractContext): void {
  const prepared = async (): Promise<Dataset> => {
    const dataset = make<Dataset>(1);
    await dataset.prepare(silentProgress);
    return dataset;
  };

  it('says in what it can be varied, if at all', async () => {
    assertVariations((await prepared()).variations?.(10) ?? []);
  });

  for (const split of SPLITS) {
    it(`reads the ${split} split: as many records as it says, each decoded to a whole sample`, async () => {
      const dataset = await prepared();
      const size = await dataset.size(split);
      assert(Number.isInteger(size) && size > 0, `size("${split}") should be a number of records, not ${size}.`);
      const records = await first(dataset, split);
      assertEqual(records.length, Math.min(size, MAX_RECORDS), `Records read of ${size}`);
      for (const record of records) {
        assert(record.file !== '' && record.index >= 0, 'A record should know its file and index.');
        const sample = dataset.decode(record, split);
        assertSample(sample, `record ${record.index} of ${record.file}`);
        const [shown, most] = [objectsIn(sample), dataset.maxObjects ?? Infinity];
        assert(shown <= most, `Record ${record.index} shows ${shown} objects, more than maxObjects, ${most}.`);
      }
    });

    it(`starts reading the ${split} split at any record`, async () => {
      const dataset = await prepared();
      const all = await first(dataset, split);
      const from = Math.min(2, all.length - 1);
      const tail = await first(dataset, split, from, all.length - from);
      assertEqual(tail.map(bytesOf), all.slice(from).map(bytesOf), `The records from number ${from} on`);
      assertEqual((await first(dataset, split, await dataset.size(split))).length, 0, 'Records after the last one');
    });

    it(`decodes the ${split} split in every instance alike, as worker threads do`, async () => {
      const [one, other] = [await prepared(), await prepared()];
      const [mine, theirs] = [await first(one, split, 0, 3), await first(other, split, 0, 3)];
      mine.forEach((record, i) => {
        const samples = [one.decode(record, split), one.decode(record, split), other.decode(theirs[i]!, split)];
        assertEqual(samples[1], samples[0], 'A record decoded twice');
        assertEqual(samples[2], samples[0], 'A record decoded by another instance');
      });
    });
  }
}

/** Names become parts of names of metrics. */
const NAME = /^[A-Za-z0-9_.-]+$/;

function assertVariations(variations: readonly DatasetVariation[]): void {
  assertDistinct(
    variations.map(({ name }) => name),
    'variations',
  );
  for (const { name, current, levels } of variations) {
    assert(levels.length > 0, `The variation ${name} has no level but the current one.`);
    const all = [current, ...levels];
    assertDistinct(
      all.map((level) => level.name),
      `levels of ${name}`,
    );
    assertEqual(new Set(all.map(({ value }) => value)).size, all.length, `Different values of the levels of ${name}`);
    assert(
      all.every(({ value }) => Number.isFinite(value)),
      `The values of the levels of ${name} should be finite.`,
    );
  }
}

function assertDistinct(names: readonly string[], what: string): void {
  const bad = names.find((name) => !NAME.test(name));
  assert(bad === undefined, `Names of ${what} have letters, digits and _ . - in them, unlike "${bad}".`);
  assertEqual(new Set(names).size, names.length, `Different names of ${what}`);
}

const bytesOf = (record: RawRecord): string => Buffer.from(record.bytes).toString('base64');

async function first(dataset: Dataset, split: SplitName, from = 0, count = MAX_RECORDS): Promise<RawRecord[]> {
  const records: RawRecord[] = [];
  if (count === 0) return records;
  for await (const record of dataset.records(split, from)) {
    records.push(record);
    if (records.length === count) break;
  }
  return records;
}

/** Masks of objects that have a pixel. */
function objectsIn({ masks, numMasks = 0, numBackground = 1, height, width }: Sample): number {
  if (masks === undefined) return 0;
  const size = height * width;
  const mask = (k: number): Uint8Array => masks.subarray(k * size, (k + 1) * size);
  return Array.from({ length: numMasks - numBackground }, (_, i) => mask(numBackground + i)).filter((pixels) =>
    pixels.some((value) => value !== 0),
  ).length;
}

function assertSample(sample: Sample, who: string): void {
  const { image, height, width, masks, numMasks, numBackground = 1, attributes } = sample;
  assert(height > 0 && width > 0, `The image of ${who} should have a size, not ${height}x${width}.`);
  assertEqual(image.length, height * width * 3, `Bytes of the image of ${who}, ${height}x${width}x3`);
  assertEqual(masks === undefined, numMasks === undefined, `Whether ${who} has no masks, and no numMasks`);
  if (masks !== undefined) {
    assertEqual(masks.length, numMasks! * height * width, `Bytes of ${numMasks} masks of ${who}`);
    const bad = masks.find((value) => value !== 0 && value !== 255);
    assert(bad === undefined, `Masks are 0 or 255, and one of ${who} has ${bad}.`);
    assert(
      Number.isInteger(numBackground) && numBackground >= 1 && numBackground <= numMasks!,
      `Of ${numMasks} masks of ${who} 1 or more are background, not ${numBackground}.`,
    );
  }
  for (const [name, { values, shape }] of Object.entries(attributes ?? {})) {
    const size = shape.reduce((product, n) => product * n, 1);
    assertEqual(values.length, size, `Values of the attribute "${name}" of ${who}, shape [${String(shape)}]`);
    if (numMasks !== undefined) assertEqual(shape[0], numMasks, `Objects in the attribute "${name}" of ${who}`);
  }
}
