import { createHash } from 'node:crypto';
import { RandomSource } from '../random';
import { lloyd, spreadPoints } from './k-means';
import { gridFor, labelsOfTokens, maskBaselines } from './mask-baselines';
import { adjustedRandIndex } from './partitions';

const SIZE = 8;
const dimensions = { imageSize: [SIZE, SIZE], grid: [2, 2] } as const;

/** Three colours, in vertical stripes. */
const stripe = (p: number): number => Math.floor((p % SIZE) / 3);
const rgb = Float32Array.from({ length: 3 * SIZE * SIZE }, (_, i) => {
  return Number(stripe(i % (SIZE * SIZE)) === Math.floor(i / SIZE / SIZE));
});
const labels = Int32Array.from({ length: SIZE * SIZE }, (_, p) => stripe(p));

function regionsOf(key: string, numSlots: number | 'objects', index = 0) {
  const baseline = maskBaselines(numSlots, dimensions).find((one) => one.key === key)!;
  const {
    maps,
    numSlots: count,
    grid,
  } = baseline.maps({
    rgb,
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

test('the masks are those that numbers are kept of: with others, VERSION of measure-baselines.ts is raised', () => {
  const hash = createHash('sha256');
  const random = new RandomSource(4);
  const noise = Float32Array.from({ length: 3 * SIZE * SIZE }, (_, i) => random.stream('pixel', i).uniform());
  const truth = { masks: new Uint8Array(), numMasks: 3, numBackground: 1, visibility: null, labels };
  for (const { key, maps } of maskBaselines(5, dimensions)) {
    const { maps: made, numSlots, grid } = maps({ rgb: noise, truth, random });
    hash.update(JSON.stringify([key, numSlots, grid, [...made]]));
  }
  expect(hash.digest('hex').slice(0, 16)).toBe('d9bf20764e768d14');
});

test('as many slots as an image has objects, and one', () => {
  // labels 1 and 2 are objects
  expect(new Set(regionsOf('blind/random', 'objects').regions).size).toBe(3);
  expect(regionsOf('blind/colours', 'objects')).toEqual(regionsOf('blind/colours', 3));
  expect(regionsOf('blind/grid', 'objects')).toEqual(regionsOf('blind/grid', 3));
  expect(maskBaselines('objects', dimensions).map(({ label }) => label)).toEqual([
    'blind: one slot',
    'blind: grid of K',
    'blind: K Voronoi tiles',
    'blind: K random labels',
    'blind: k-means of K colours',
    'ceiling: truth at 2x2 tokens',
  ]);
});

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
  for (const { key, label } of maskBaselines(7, { imageSize: [64, 64], grid: [16, 16] })) {
    expect(label.length).toBeLessThanOrEqual(32);
    expect(key).toMatch(/^(blind\/|ceiling$)/);
  }
  for (const { key } of maskBaselines(5, dimensions)) regionsOf(key, 5);
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
  const points = { values: flat, width: 3 };
  expect(new Set(lloyd(points, spreadPoints(points, 4, new RandomSource(0).stream('k'))).clusters).size).toBe(1);
});

test('the ceiling has the label that most pixels of each token have', () => {
  // 3, 3 and 2 columns of 8: the left tokens have 3 columns of label 0 and one of 1
  expect(regionsOf('ceiling', 5)).toEqual({ regions: [0, 1, 0, 1], grid: [2, 2] });
  expect([...labelsOfTokens(Int32Array.of(-1, -1, 2, 1), [1, 4], [1, 2])]).toEqual([-1, 2]);
});
