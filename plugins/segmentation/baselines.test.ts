import { RandomSource, type TestSample } from 'osc-trainer/sdk';
import { adjustedRandIndex } from 'osc-trainer/sdk/metrics';
import { baselinesFor, gridFor, labelsOfTokens } from './baselines';
import { colourKMeans } from './colour-k-means';

const SIZE = 8;
const dimensions = { imageSize: [SIZE, SIZE], grid: [2, 2] } as const;

/** Three colours, in vertical stripes. */
const stripe = (p: number): number => Math.floor((p % SIZE) / 3);
const image = Uint8Array.from({ length: 3 * SIZE * SIZE }, (_, i) => (stripe(Math.floor(i / 3)) === i % 3 ? 255 : 0));
const labels = Int32Array.from({ length: SIZE * SIZE }, (_, p) => stripe(p));

function regionsOf(key: string, numSlots: number, index = 0): { regions: number[]; grid: readonly number[] } {
  const baseline = baselinesFor(numSlots, dimensions).find((one) => one.key === key)!;
  const {
    maps,
    numSlots: count,
    grid,
  } = baseline.maps({
    sample: { index, original: { image, height: SIZE, width: SIZE } } as TestSample,
    truth: { masks: new Uint8Array(), numMasks: 3, numBackground: 1, visibility: null, labels },
    random: new RandomSource(0).scope(String(index)),
  });
  const cells = maps.length / count;
  const regions = Array.from({ length: cells }, (_, p) => {
    const of = Array.from({ length: count }, (__, s) => maps[s * cells + p]!);
    expect(of.reduce((sum, value) => sum + value)).toBe(1);
    return of.indexOf(1);
  });
  return { regions, grid };
}

test.each([
  [1, [1, 1]],
  [2, [1, 2]],
  [4, [2, 2]],
  [6, [2, 3]],
  [7, [2, 3]],
  [11, [3, 4]],
])('the grid for %d slots', (numSlots, grid) => {
  expect(gridFor(numSlots)).toEqual(grid);
});

test('every baseline gives each pixel, or token, to one region, and has a name that fits the table', () => {
  for (const { key, label } of baselinesFor(7, { imageSize: [64, 64], grid: [16, 16] })) {
    expect(label.length).toBeLessThanOrEqual(32);
    expect(key).toMatch(/^(blind\/|ceiling$)/);
  }
  for (const { key } of baselinesFor(5, dimensions)) regionsOf(key, 5);
  expect(new Set(regionsOf('blind/one_slot', 5).regions).size).toBe(1);
  expect(new Set(regionsOf('blind/grid', 6).regions).size).toBe(6);
  expect(new Set(regionsOf('blind/random', 5).regions).size).toBe(5);
});

test('what is drawn is the same for an image whenever it is asked, and other for another image', () => {
  for (const key of ['blind/voronoi', 'blind/random']) {
    expect(regionsOf(key, 5, 3)).toEqual(regionsOf(key, 5, 3));
    expect(regionsOf(key, 5, 3)).not.toEqual(regionsOf(key, 5, 4));
  }
});

test('k-means of colours finds regions of one colour each', () => {
  expect(adjustedRandIndex(labels, regionsOf('blind/colours', 3).regions)).toBe(1);
  // more clusters than colours: none is invented
  const flat = new Float32Array(3 * 10).fill(0.5);
  expect(new Set(colourKMeans(flat, 4, new RandomSource(0).stream('k'))).size).toBe(1);
});

test('the ceiling has the label that most pixels of each token have', () => {
  // 3, 3 and 2 columns of 8: the left tokens have 3 columns of label 0 and one of 1
  expect(regionsOf('ceiling', 5)).toEqual({ regions: [0, 1, 0, 1], grid: [2, 2] });
  expect([...labelsOfTokens(Int32Array.of(-1, -1, 2, 1), [1, 4], [1, 2])]).toEqual([-1, 2]);
});
