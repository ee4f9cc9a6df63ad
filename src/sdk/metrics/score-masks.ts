/** One image: maps of its slots (attention, or masks that a loss makes) against its true masks. Letters: S slots, K true masks. */
import { maskDice, maskIou, matchMasks, type MaskMatches } from './mask-overlap';
import { otsuThreshold } from './otsu';
import type { ObjectOverlap } from './found';
import { adjustedRandIndex, bestOverlaps, coveringOf, matchedOverlaps, meanOverlap } from './partitions';

/** Soft masks of the slots of one image: how much a slot has of each cell of a grid. */
export interface SlotMaps {
  /** `[S, rows, columns]` */
  readonly maps: Float32Array;
  readonly numSlots: number;
  /** `[rows, columns]`: of patch tokens, or of pixels. */
  readonly grid: readonly [number, number];
  /** `[h, w]` of the masks. */
  readonly imageSize: readonly [number, number];
}

/** What is to be found in one image (`trueMasks` of `osc-trainer/sdk` makes it of a test sample). */
export interface TrueMasks {
  /** `[K, h, w]`, 0 or 1, background first; they may overlap. */
  readonly masks: Uint8Array;
  readonly numMasks: number;
  /** How many of the masks, the first ones, are background. */
  readonly numBackground: number;
  /** `[K]`, 0 or 1; null where the data set does not say: then a mask is visible if it has a pixel. */
  readonly visibility: Uint8Array | null;
  /** `[h, w]`, the number of a mask or -1: a partition. */
  readonly labels: Int32Array;
}

/** The objects that have a pixel in the image: their numbers among the masks, ascending. */
export function labelledObjects({ labels, numBackground }: Pick<TrueMasks, 'labels' | 'numBackground'>): number[] {
  return [...new Set(labels.filter((label) => label >= numBackground))].sort((a, b) => a - b);
}

/** Scores of one image; NaN where there is nothing to measure. All are 1 where the maps are the true masks, and these a partition. */
export interface MaskScores {
  /** As in the reference: each map against its own threshold (Otsu), matched with the masks one to one. */
  readonly iou: number;
  /** As in the reference: the soft maps, matched with the masks one to one. */
  readonly dice: number;
  // of these on, a pixel belongs to the slot that has most of it
  readonly ari: number;
  /** ARI over the pixels of objects alone. */
  readonly fgAri: number;
  readonly mbo: number;
  readonly msc: number;
  /** Segmentation covering, scaled by area. */
  readonly sc: number;
  readonly miou: number;
  /** How well the best slot of each object covers it; {@link shareFound} makes a share of those of many images. */
  readonly objects: readonly ObjectOverlap[];
}

/** Nearest cell of the grid of each pixel, `[h, w]`. */
function tokenOfPixel([rows, columns]: readonly [number, number], [height, width]: readonly [number, number]) {
  const tokens = new Int32Array(height * width);
  for (let y = 0; y < height; y++) {
    const row = Math.floor((y * rows) / height) * columns;
    for (let x = 0; x < width; x++) tokens[y * width + x] = row + Math.floor((x * columns) / width);
  }
  return tokens;
}

/** Maps of the image's size, `[S, h, w]`, each pixel with the value of its nearest cell. */
export function upsample({ maps, numSlots, grid, imageSize }: SlotMaps): Float32Array {
  const numTokens = grid[0] * grid[1];
  const tokens = tokenOfPixel(grid, imageSize);
  const large = new Float32Array(numSlots * tokens.length);
  for (let s = 0, target = 0; s < numSlots; s++) {
    for (const token of tokens) large[target++] = maps[s * numTokens + token]!;
  }
  return large;
}

/** `[S, P]`: where a map exceeds its own threshold. */
function thresholdEach(maps: Float32Array, numSlots: number): Uint8Array {
  const pixels = maps.length / numSlots;
  const masks = new Uint8Array(maps.length);
  for (let s = 0; s < numSlots; s++) {
    const threshold = otsuThreshold(maps.subarray(s * pixels, (s + 1) * pixels));
    for (let p = s * pixels; p < (s + 1) * pixels; p++) masks[p] = maps[p]! > threshold ? 1 : 0;
  }
  return masks;
}

/** `[P]`: the slot that attends to each pixel most; the first of several. */
function strongestSlot(maps: Float32Array, numSlots: number): Int32Array {
  const pixels = maps.length / numSlots;
  const best = new Int32Array(pixels);
  for (let p = 0; p < pixels; p++) {
    for (let s = 1; s < numSlots; s++) if (maps[s * pixels + p]! > maps[best[p]! * pixels + p]!) best[p] = s;
  }
  return best;
}

function visibleObjects({ masks, numMasks, numBackground, visibility }: TrueMasks): number[] {
  const pixels = masks.length / numMasks;
  const isVisible = (k: number): boolean =>
    visibility === null ? masks.subarray(k * pixels, (k + 1) * pixels).includes(1) : visibility[k] === 1;
  return Array.from({ length: numMasks }, (_, k) => k).filter((k) => k >= numBackground && isVisible(k));
}

function meanOver(objects: readonly number[], { scores }: MaskMatches): number {
  return objects.reduce((sum, k) => sum + scores[k]!, 0) / objects.length;
}

/**
 * All scores of one image.
 *
 * @throws RangeError for a map that is not finite
 *
 * Source: `run_test_segmentation` in the reference's `src/osc/train.py` (IoU, Dice); for the others see the functions used.
 */
export function scoreMasks(slots: SlotMaps, truth: TrueMasks): MaskScores {
  const { numSlots } = slots;
  const { masks, numMasks, numBackground, labels } = truth;
  const maps = upsample(slots);
  const objects = visibleObjects(truth);
  // each score has its own matching, over all masks: invisible ones and the background take slots too
  const iou = matchMasks(maskIou(masks, numMasks, thresholdEach(maps, numSlots), numSlots), numMasks, numSlots);
  const dice = matchMasks(maskDice(masks, numMasks, maps, numSlots), numMasks, numSlots);
  const regions = strongestSlot(maps, numSlots);
  const isObject = ({ label }: { readonly label: number }): boolean => label >= numBackground;
  const best = bestOverlaps(labels, regions);
  const covering = coveringOf(best);
  return {
    iou: meanOver(objects, iou),
    dice: meanOver(objects, dice),
    ari: adjustedRandIndex(labels, regions),
    fgAri: adjustedRandIndex(
      labels.map((label) => (isObject({ label }) ? label : -1)),
      regions,
    ),
    mbo: meanOverlap(best.filter(isObject)),
    msc: covering.mean,
    sc: covering.scaled,
    miou: meanOverlap(matchedOverlaps(labels, regions).filter(isObject)),
    objects: best.filter(isObject).map(({ label, size, overlap }) => ({ label, area: size / labels.length, overlap })),
  };
}

export type MaskScore = Exclude<keyof MaskScores, 'objects'>;

const SCORES: readonly MaskScore[] = ['iou', 'dice', 'ari', 'fgAri', 'mbo', 'msc', 'sc', 'miou'];

/** Means over the images on which a score is defined; one that is defined on none is left out. */
export function meanScores(images: readonly MaskScores[]): Readonly<Partial<Record<MaskScore, number>>> {
  const means: Partial<Record<MaskScore, number>> = {};
  for (const score of SCORES) {
    const values = images.map((scores) => scores[score]).filter((value) => !Number.isNaN(value));
    if (values.length > 0) means[score] = values.reduce((sum, value) => sum + value, 0) / values.length;
  }
  return means;
}
