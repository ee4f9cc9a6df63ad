/** The grid of test scenes: input, one mask a slot, the slots' segmentation, the true one. */
import { drawCells, slotColor, type Canvas, type Cell, type Rgb } from 'osc-trainer/sdk/image';

/** Masks of S slots, not negative: the largest one takes a pixel. */
export interface SlotMaps {
  /** `[S, h, w]` of the image, or of a grid of patches. */
  readonly values: Float32Array;
  readonly size: readonly [number, number];
}

/** One scene of the grid. */
export interface GridScene {
  /** `[h, w, 3]` */
  readonly image: Uint8Array;
  /** Softmax over slots for slot attention; null where the slots have no attention maps. */
  readonly attention: SlotMaps | null;
  /** Of losses that make masks, by their keys. */
  readonly lossMasks: ReadonlyMap<string, SlotMaps>;
  /** True masks `[K, h, w]`, background first; non-zero is inside. */
  readonly masks: Uint8Array;
  readonly numMasks: number;
  /** How many of the masks, the first ones, are background; default 1. */
  readonly numBackground?: number;
}

export interface GridSizes {
  readonly imageSize: readonly [number, number];
  readonly numSlots: number;
}

const TRUE_BACKGROUND: Rgb = [70, 70, 70];
/** How much of the image is seen where a slot does not look. */
const FAINT = 0.12;
/** The lowest peak that is shown in full, as a part of the scene's. */
const LEAST_PEAK = 0.25;

function peakOf(values: Float32Array): number {
  return values.reduce((a, b) => Math.max(a, b), Number.EPSILON);
}

/** Place in {@link SlotMaps.values} of what lies nearest to a pixel. */
function mapIndex(slot: number, y: number, x: number, { size: [mh, mw] }: SlotMaps, { imageSize }: GridSizes): number {
  const [h, w] = imageSize;
  return slot * mh * mw + Math.floor((y * mh) / h) * mw + Math.floor((x * mw) / w);
}

/**
 * What one slot looks at: the image, faint where its mask is low. A slot's own peak is shown in full, unless it is far below
 * that of the others, so that a slot that looks nowhere is dark.
 */
function maskCell(image: Uint8Array, maps: SlotMaps, slot: number, peak: number, sizes: GridSizes): Uint8Array {
  const [h, w] = sizes.imageSize;
  const perSlot = maps.values.length / sizes.numSlots;
  const own = Math.max(peakOf(maps.values.subarray(slot * perSlot, (slot + 1) * perSlot)), LEAST_PEAK * peak);
  const cell = new Uint8Array(h * w * 3);
  for (let y = 0; y < h; y++) {
    for (let x = 0; x < w; x++) {
      const weight = maps.values[mapIndex(slot, y, x, maps, sizes)]! / own;
      const visible = FAINT + (1 - FAINT) * Math.min(1, weight);
      for (let c = 0; c < 3; c++) cell[(y * w + x) * 3 + c] = image[(y * w + x) * 3 + c]! * visible;
    }
  }
  return cell;
}

/** Every pixel in the colour of the slot whose mask is largest there. */
function slotCell(maps: SlotMaps, sizes: GridSizes): Uint8Array {
  const [h, w] = sizes.imageSize;
  const cell = new Uint8Array(h * w * 3);
  for (let y = 0; y < h; y++) {
    for (let x = 0; x < w; x++) {
      let best = 0;
      for (let slot = 1; slot < sizes.numSlots; slot++) {
        const value = maps.values[mapIndex(slot, y, x, maps, sizes)]!;
        if (value > maps.values[mapIndex(best, y, x, maps, sizes)]!) best = slot;
      }
      cell.set(slotColor(best), (y * w + x) * 3);
    }
  }
  return cell;
}

function truthCell(scene: GridScene, [h, w]: readonly [number, number]): Uint8Array {
  const { masks, numMasks, numBackground = 1 } = scene;
  const cell = new Uint8Array(h * w * 3);
  for (let pixel = 0; pixel < h * w; pixel++) {
    let color = TRUE_BACKGROUND;
    // masks of test images overlap by a pixel at borders (they are resized): the last object wins
    for (let k = numBackground; k < numMasks; k++) {
      if (masks[k * h * w + pixel]! > 0) color = slotColor(k - numBackground);
    }
    cell.set(color, pixel * 3);
  }
  return cell;
}

/** One row a scene, captions above; below it a row for each loss that makes masks. */
export function segmentationGrid(scenes: readonly GridScene[], sizes: GridSizes): Canvas {
  const slots = Array.from({ length: sizes.numSlots }, (_, slot) => slot);
  const slotCells = (image: Uint8Array, maps: SlotMaps | null): Cell[] => {
    if (maps === null) return [...slots, null].map(() => null);
    const peak = peakOf(maps.values);
    return [...slots.map((slot) => maskCell(image, maps, slot, peak, sizes)), slotCell(maps, sizes)];
  };
  const rows = scenes.flatMap((scene): Cell[][] => {
    const { image, attention, lossMasks } = scene;
    return [
      [image, ...slotCells(image, attention), truthCell(scene, sizes.imageSize)],
      ...Array.from(lossMasks, ([loss, maps]) => [{ text: loss, columns: 1 }, ...slotCells(image, maps)]),
    ];
  });
  const captions = ['input', ...slots.map((slot) => `slot ${slot + 1}`), 'slots', 'truth'];
  return drawCells({ captions, rows, cellSize: sizes.imageSize });
}
