/** What a model has to be better than: masks that know nothing, or colours alone; and the best that its tokens allow. */
import { createHash, type Hash } from 'node:crypto';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { RandomSource, trueMasks, z, type EvaluationContext, type TestSample } from 'osc-trainer/sdk';
import { prepareTestImage } from 'osc-trainer/sdk/image';
import { scoreMasks, type MaskScores, type SlotMaps, type TrueMasks } from 'osc-trainer/sdk/metrics';
import { colourKMeans } from './colour-k-means';
import { summarise, type Row, type Summary } from './columns';

/** Raised whenever the same images give other numbers. */
const VERSION = 1;

const RGB = { mean: [0, 0, 0], std: [1, 1, 1] } as const;

/** An image, as a baseline sees it. */
interface Seen {
  readonly sample: TestSample;
  readonly truth: TrueMasks;
  readonly random: RandomSource;
}

interface Baseline extends Row {
  /** One region each slot. */
  maps(seen: Seen): Pick<SlotMaps, 'maps' | 'numSlots' | 'grid'>;
}

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

/** All baselines for S slots. Draws are a function of the image's place in the split. */
export function baselinesFor(
  numSlots: number,
  { imageSize, grid }: Pick<EvaluationContext['model']['dimensions'], 'imageSize' | 'grid'>,
): Baseline[] {
  const [height, width] = imageSize;
  const [rows, columns] = gridFor(numSlots);
  const blind = (
    key: string,
    label: string,
    count: number,
    regionsOf: (seen: Seen) => (y: number, x: number) => number,
  ): Baseline => ({
    key: `blind/${key}`,
    label: `blind: ${label}`,
    baseline: true,
    maps: (seen) => {
      const regionOf = regionsOf(seen);
      const regions = Int32Array.from({ length: height * width }, (_, p) => regionOf(Math.floor(p / width), p % width));
      return { maps: oneHot(regions, count), numSlots: count, grid: imageSize };
    },
  });
  return [
    blind('one_slot', 'one slot', 1, () => () => 0),
    blind('grid', `grid of ${rows}x${columns}`, rows * columns, () => (y, x) => {
      return Math.floor((y * rows) / height) * columns + Math.floor((x * columns) / width);
    }),
    blind('voronoi', `${numSlots} Voronoi tiles`, numSlots, ({ random }) => {
      const draws = random.stream('voronoi');
      const points = Array.from(
        { length: numSlots },
        () => [draws.uniform() * height, draws.uniform() * width] as const,
      );
      return (y, x) => {
        const squares = points.map(([py, px]) => (y + 0.5 - py) ** 2 + (x + 0.5 - px) ** 2);
        return squares.indexOf(Math.min(...squares));
      };
    }),
    blind('random', `${numSlots} random labels`, numSlots, ({ random }) => {
      const draws = random.stream('labels');
      return () => draws.integer(numSlots);
    }),
    blind('colours', `k-means of ${numSlots} colours`, numSlots, ({ random, sample: { original } }) => {
      const image = prepareTestImage(original, imageSize, RGB);
      const clusters = colourKMeans(image, numSlots, random.stream('colours'));
      return (y, x) => clusters[y * width + x]!;
    }),
    {
      key: 'ceiling',
      label: `ceiling: truth at ${grid[0]}x${grid[1]} tokens`,
      baseline: true,
      maps: ({ truth: { labels, numMasks } }) => {
        // pixels without a label have a region of their own
        const tokens = labelsOfTokens(labels, imageSize, grid).map((label) => (label < 0 ? numMasks : label));
        return { maps: oneHot(tokens, numMasks + 1), numSlots: numMasks + 1, grid };
      },
    },
  ];
}

/** The images of a test split, as they are seen; two of the same are the same. */
export class SplitDigest {
  readonly #hash: Hash = createHash('sha256');

  add({ index, image }: TestSample, { masks, labels, visibility, numBackground }: TrueMasks): void {
    this.#hash.update(JSON.stringify([index, masks.length, numBackground]));
    for (const values of [image, masks, labels, visibility ?? new Uint8Array()]) {
      this.#hash.update(new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
    }
  }

  value(): string {
    return this.#hash.copy().digest('hex');
  }
}

const kept = z.record(z.string(), z.record(z.string(), z.number()));

/**
 * Summaries of all baselines, by key: once for a test split and setting where the context remembers.
 *
 * @param digest of the split
 */
export async function measureBaselines(
  context: EvaluationContext,
  baselines: readonly Baseline[],
  digest: string,
): Promise<Readonly<Record<string, Summary>>> {
  const { imageSize, grid } = context.model.dimensions;
  const key = JSON.stringify(['segmentation', VERSION, digest, imageSize, grid, baselines.map(({ label }) => label)]);
  const compute = (): Promise<Record<string, Summary>> => computeBaselines(context, baselines);
  return context.remember === undefined ? compute() : context.remember(key, kept, compute);
}

async function computeBaselines(
  { samples, numSamples, progress, model }: EvaluationContext,
  baselines: readonly Baseline[],
): Promise<Record<string, Summary>> {
  const { imageSize } = model.dimensions;
  const random = new RandomSource(0).scope('baselines');
  const scores = new Map(baselines.map(({ key }) => [key, [] as MaskScores[]]));
  progress.start('Segmentation, baselines', numSamples, 'images');
  let done = 0;
  for await (const sample of samples()) {
    const seen = { sample, truth: trueMasks(sample, imageSize), random: random.scope(String(sample.index)) };
    for (const baseline of baselines) {
      scores.get(baseline.key)!.push(scoreMasks({ ...baseline.maps(seen), imageSize }, seen.truth));
    }
    progress.update(++done);
    await nextTurn(); // for signals and the terminal
  }
  return Object.fromEntries(Array.from(scores, ([key, images]) => [key, summarise(images, 'skip')]));
}
