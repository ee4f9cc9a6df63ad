import fc from 'fast-check';
import {
  adjustedRandIndex,
  maskDice,
  maskIou,
  matchMasks,
  meanBestOverlap,
  meanIou,
  OBJECT_SIZES,
  objectSize,
  scoreMasks,
  segmentationCovering,
  shareFound,
  upsample,
  type TrueMasks,
} from './index';

const SIZE = 6;

/** Masks of a partition, `[K, P]`. */
function masksOf(labels: readonly number[], count: number): Uint8Array {
  const masks = new Uint8Array(count * labels.length);
  labels.forEach((label, p) => (masks[label * labels.length + p] = 1));
  return masks;
}

function truthOf(labels: readonly number[], count = Math.max(...labels) + 1): TrueMasks {
  return {
    masks: masksOf(labels, count),
    numMasks: count,
    numBackground: 1,
    visibility: null,
    labels: Int32Array.from(labels),
  };
}

const slotsOf = (labels: readonly number[], numSlots: number) => ({
  maps: Float32Array.from(masksOf(labels, numSlots)),
  numSlots,
  grid: [SIZE, SIZE] as const,
  imageSize: [SIZE, SIZE] as const,
});

/** Partitions with at least a pixel of the background and one of an object. */
const partition = fc
  .array(fc.integer({ min: 0, max: 4 }), { minLength: SIZE * SIZE - 2, maxLength: SIZE * SIZE - 2 })
  .map((labels) => [0, 1, ...labels]);

/** Other names for the regions of a partition. */
const renaming = fc.shuffledSubarray([0, 1, 2, 3, 4], { minLength: 5 });

test('every metric of a partition and itself is 1, whatever its regions are called', () => {
  fc.assert(
    fc.property(partition, renaming, (labels, names) => {
      const renamed = labels.map((label) => names[label]!);
      expect(adjustedRandIndex(labels, renamed)).toBe(1);
      expect(meanBestOverlap(labels, renamed)).toBe(1);
      expect(meanIou(labels, renamed)).toBe(1);
      expect(segmentationCovering(labels, renamed)).toEqual({ mean: 1, scaled: 1 });
      for (const score of [maskIou, maskDice]) {
        const scores = matchMasks(score(masksOf(labels, 5), 5, masksOf(renamed, 5), 5), 5, 5).scores;
        expect([...new Set(labels)].map((label) => scores[label])).toEqual([...new Set(labels)].map(() => 1));
      }
      const { objects, ...scores } = scoreMasks(slotsOf(renamed, 5), truthOf(labels));
      expect(scores).toEqual({ iou: 1, dice: 1, ari: 1, fgAri: 1, mbo: 1, msc: 1, sc: 1, miou: 1 });
      expect(shareFound(objects)).toBe(1);
    }),
  );
});

test('no metric is above 1, and only ARI may be below 0', () => {
  fc.assert(
    fc.property(partition, partition, (labels, predicted) => {
      const { objects, ari, fgAri, ...scores } = scoreMasks(slotsOf(predicted, 5), truthOf(labels));
      for (const value of [...Object.values(scores), shareFound(objects)]) {
        expect(value).toBeGreaterThanOrEqual(0);
        expect(value).toBeLessThanOrEqual(1);
      }
      expect(Math.max(ari, fgAri)).toBeLessThanOrEqual(1);
      // a matching can only give less than the best of all
      expect(scores.miou).toBeLessThanOrEqual(scores.mbo + 1e-12);
    }),
  );
});

test('an object in two halves, two objects in one slot: what each metric says', () => {
  const truth = [...Array<number>(20).fill(0), ...Array<number>(8).fill(1), ...Array<number>(8).fill(2)];
  const halves = [...Array<number>(20).fill(0), ...Array<number>(4).fill(1), ...Array<number>(4).fill(2)];
  const split = scoreMasks(slotsOf([...halves, ...Array<number>(8).fill(3)], 4), truthOf(truth));
  expect(split.miou).toBeCloseTo(3 / 4, 12);
  expect(shareFound(split.objects)).toBe(1 / 2); // exactly one half of it is not enough
  const merged = scoreMasks(slotsOf([...Array<number>(20).fill(0), ...Array<number>(16).fill(1)], 2), truthOf(truth));
  expect(merged).toMatchObject({ mbo: 1 / 2, miou: 1 / 4, fgAri: 0 });
  expect(merged.msc).toBeCloseTo(2 / 3, 12);
  expect(merged.sc).toBeCloseTo((20 + 8) / 36, 12);
  expect(shareFound(merged.objects)).toBe(0);
});

test('objects come with their share of the image; sizes have no gap', () => {
  const truth = [...Array<number>(30).fill(0), ...Array<number>(6).fill(1)];
  const { objects } = scoreMasks(slotsOf(truth, 2), truthOf(truth));
  expect(objects).toEqual([{ label: 1, area: 6 / 36, overlap: 1 }]);
  expect([0, 0.0099, 0.01, 0.0299, 0.03, 1].map((area) => objectSize({ area }))).toEqual([
    ...['small', 'small', 'medium', 'medium', 'large', 'large'],
  ]);
  expect(OBJECT_SIZES.small.limit).toBe(OBJECT_SIZES.medium.least);
  expect(OBJECT_SIZES.medium.limit).toBe(OBJECT_SIZES.large.least);
});

test('without an object there is no score of objects; ARI and coverings have the background', () => {
  const truth = Array<number>(SIZE * SIZE).fill(0);
  const scores = scoreMasks(slotsOf(truth, 2), truthOf(truth));
  expect(scores).toMatchObject({ iou: NaN, dice: NaN, fgAri: NaN, mbo: NaN, miou: NaN, ari: 1, msc: 1, sc: 1 });
  expect(scores.objects).toEqual([]);
  expect(shareFound([])).toBeNaN();
});

test('a map of a coarse grid gives each pixel its cell', () => {
  const large = upsample({ maps: Float32Array.of(1, 2, 3, 4), numSlots: 1, grid: [2, 2], imageSize: [2, 4] });
  expect([...large]).toEqual([1, 1, 2, 2, 3, 3, 4, 4]);
});
