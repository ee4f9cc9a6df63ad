/**
 * What masks of a model have to be better than: masks that know nothing, or colours alone; and the best that its tokens allow.
 * Letters: S slots, K true masks, N tokens, P pixels.
 */
import type { RandomSource } from '../random';
import { lloyd, spreadPoints } from './k-means';
import { labelledObjects, type SlotMaps, type TrueMasks } from './score-masks';

/** An image, as a baseline sees it. */
export interface BaselineImage {
  /** RGB of the prepared test image from 0 to 1, `[3, h, w]`. */
  readonly rgb: Float32Array;
  readonly truth: TrueMasks;
  /** Of this image. */
  readonly random: RandomSource;
}

/** One region each slot. */
export interface MaskBaseline {
  /** In the names of metrics: `blind/grid`, `ceiling`. */
  readonly key: string;
  /** For a row of a table: `blind: grid of 2x3`. */
  readonly label: string;
  maps(image: BaselineImage): Pick<SlotMaps, 'maps' | 'numSlots' | 'grid'>;
}

/** Enough for a picture: later iterations of k-means move few pixels. */
const COLOUR_ITERATIONS = 10;

/** `rows x columns` cells, as near to S as they can be, no more than twice as wide as high; of two as near, the fewer. */
export function gridFor(numSlots: number): readonly [rows: number, columns: number] {
  let best: readonly [number, number] = [1, 1];
  const apart = ([rows, columns]: readonly [number, number]): number => Math.abs(rows * columns - numSlots);
  for (let rows = 1; rows <= numSlots; rows++) {
    for (let columns = rows; columns <= 2 * rows; columns++) {
      const [now, before] = [apart([rows, columns]), apart(best)];
      if (now < before || (now === before && rows * columns < best[0] * best[1])) best = [rows, columns];
    }
  }
  return best;
}

/** `[S, P]`: 1 where a pixel is in a region. */
function oneHot(regions: Int32Array, numSlots: number): Float32Array {
  const maps = new Float32Array(numSlots * regions.length);
  regions.forEach((region, p) => {
    maps[region * regions.length + p] = 1;
  });
  return maps;
}

/** The label that most pixels of each token have, `[N]`; of several the one that is met first. */
export function labelsOfTokens(
  labels: Int32Array,
  [height, width]: readonly [number, number],
  [rows, columns]: readonly [number, number],
): Int32Array {
  const counts = Array.from({ length: rows * columns }, () => new Map<number, number>());
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const token = counts[Math.floor((y * rows) / height) * columns + Math.floor((x * columns) / width)]!;
      const label = labels[y * width + x]!;
      token.set(label, (token.get(label) ?? 0) + 1);
    }
  }
  return Int32Array.from(counts, (ofToken) => [...ofToken].reduce((most, one) => (one[1] > most[1] ? one : most))[0]);
}

/** K-means of the colours of an image's pixels: `[P]`, the cluster of each. */
function clusterColours({ rgb, random }: BaselineImage, numClusters: number): Int32Array {
  const count = rgb.length / 3;
  const points = { values: Float32Array.from(rgb, (_, i) => rgb[(i % 3) * count + Math.floor(i / 3)]!), width: 3 };
  return lloyd(points, spreadPoints(points, numClusters, random.stream('colours')), COLOUR_ITERATIONS).clusters;
}

/** What cuts an image into about S regions without knowing what is in it: one slot, tiles, noise, colours. */
interface BlindCut {
  readonly key: string;
  readonly label: string;
  /** How many regions there are for S slots. */
  readonly count: (numSlots: number) => number;
  /** @returns the region of a pixel */
  readonly regions: (image: BaselineImage, numSlots: number) => (y: number, x: number) => number;
}

/** @param named the number of slots, for labels */
function blindCuts(
  { imageSize: [height, width] }: Pick<SlotMaps, 'imageSize'>,
  named: string,
  gridNamed: string,
): BlindCut[] {
  return [
    { key: 'one_slot', label: 'one slot', count: () => 1, regions: () => () => 0 },
    {
      key: 'grid',
      label: `grid of ${gridNamed}`,
      count: (numSlots) => gridFor(numSlots).reduce((rows, columns) => rows * columns),
      regions: (_, numSlots) => {
        const [rows, columns] = gridFor(numSlots);
        return (y, x) => Math.floor((y * rows) / height) * columns + Math.floor((x * columns) / width);
      },
    },
    {
      key: 'voronoi',
      label: `${named} Voronoi tiles`,
      count: (numSlots) => numSlots,
      regions: ({ random }, numSlots) => {
        const draws = random.stream('voronoi');
        const points = Array.from(
          { length: numSlots },
          () => [draws.uniform() * height, draws.uniform() * width] as const,
        );
        return (y, x) => {
          const squares = points.map(([py, px]) => (y + 0.5 - py) ** 2 + (x + 0.5 - px) ** 2);
          return squares.indexOf(Math.min(...squares));
        };
      },
    },
    {
      key: 'random',
      label: `${named} random labels`,
      count: (numSlots) => numSlots,
      regions: ({ random }, numSlots) => {
        const draws = random.stream('labels');
        return () => draws.integer(numSlots);
      },
    },
    {
      key: 'colours',
      label: `k-means of ${named} colours`,
      count: (numSlots) => numSlots,
      regions: (image, numSlots) => {
        const clusters = clusterColours(image, numSlots);
        return (y, x) => clusters[y * width + x]!;
      },
    },
  ];
}

/**
 * All baselines: blind ones of about S regions (`blind/one_slot`, `blind/grid`, `blind/voronoi`, `blind/random`, `blind/colours`), and
 * `ceiling`, the truth as tokens can show it. What is drawn follows from the image's `random`.
 *
 * @param numSlots S; `objects`: of each image as many as it has objects, and one
 */
export function maskBaselines(
  numSlots: number | 'objects',
  sizes: Pick<SlotMaps, 'imageSize' | 'grid'>,
): MaskBaseline[] {
  const { imageSize, grid } = sizes;
  const [height, width] = imageSize;
  const [named, gridNamed] = numSlots === 'objects' ? ['K', 'K'] : [`${numSlots}`, gridFor(numSlots).join('x')];
  const blind = blindCuts(sizes, named, gridNamed).map(({ key, label, count, regions: cut }): MaskBaseline => ({
    key: `blind/${key}`,
    label: `blind: ${label}`,
    maps: (image) => {
      const ofImage = numSlots === 'objects' ? labelledObjects(image.truth).length + 1 : numSlots;
      const regionOf = cut(image, ofImage);
      const regions = Int32Array.from({ length: height * width }, (_, p) => regionOf(Math.floor(p / width), p % width));
      return { maps: oneHot(regions, count(ofImage)), numSlots: count(ofImage), grid: imageSize };
    },
  }));
  const ceiling: MaskBaseline = {
    key: 'ceiling',
    label: `ceiling: truth at ${grid[0]}x${grid[1]} tokens`,
    maps: ({ truth: { labels, numMasks } }) => {
      // pixels without a label have a region of their own
      const tokens = labelsOfTokens(labels, imageSize, grid).map((label) => (label < 0 ? numMasks : label));
      return { maps: oneHot(tokens, numMasks + 1), numSlots: numMasks + 1, grid };
    },
  };
  return [...blind, ceiling];
}
