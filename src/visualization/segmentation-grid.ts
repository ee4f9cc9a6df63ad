/** The grid of test scenes: input, one attention mask a slot, the slots' segmentation, the true one. */
import type { Canvas, Rgb } from './canvas';
import { drawCells } from './cell-grid';
import { colorOf } from './palette';

/** One scene of the grid. */
export interface GridScene {
  /** `[h, w, 3]` */
  readonly image: Uint8Array;
  /** Attention over patch tokens `[S, gridH, gridW]`, softmax over slots. */
  readonly attention: Float32Array;
  /** True masks `[K, h, w]`, background first; non-zero is inside. */
  readonly masks: Uint8Array;
  readonly numMasks: number;
  /** How many of the masks, the first ones, are background; default 1. */
  readonly numBackground?: number;
}

export interface GridSizes {
  readonly imageSize: readonly [number, number];
  readonly grid: readonly [number, number];
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

/**
 * What one slot looks at: the image, faint where its attention is low. A slot's own peak is shown in full, unless it is
 * far below that of the others, so that a slot that looks nowhere is dark.
 */
function attentionCell(scene: GridScene, slot: number, peak: number, sizes: GridSizes): Uint8Array {
  const [h, w] = sizes.imageSize;
  const perSlot = scene.attention.length / sizes.numSlots;
  const own = Math.max(peakOf(scene.attention.subarray(slot * perSlot, (slot + 1) * perSlot)), LEAST_PEAK * peak);
  const cell = new Uint8Array(h * w * 3);
  for (let y = 0; y < h; y++) {
    for (let x = 0; x < w; x++) {
      const weight = scene.attention[attentionIndex(slot, y, x, sizes)]! / own;
      const visible = FAINT + (1 - FAINT) * Math.min(1, weight);
      for (let c = 0; c < 3; c++) cell[(y * w + x) * 3 + c] = scene.image[(y * w + x) * 3 + c]! * visible;
    }
  }
  return cell;
}

/** Nearest token of a pixel. */
function attentionIndex(slot: number, y: number, x: number, { imageSize: [h, w], grid: [gh, gw] }: GridSizes): number {
  return slot * gh * gw + Math.floor((y * gh) / h) * gw + Math.floor((x * gw) / w);
}

/** Every pixel in the colour of the slot that attends to it most. */
function slotCell(scene: GridScene, sizes: GridSizes): Uint8Array {
  const [h, w] = sizes.imageSize;
  const cell = new Uint8Array(h * w * 3);
  for (let y = 0; y < h; y++) {
    for (let x = 0; x < w; x++) {
      let best = 0;
      for (let slot = 1; slot < sizes.numSlots; slot++) {
        const value = scene.attention[attentionIndex(slot, y, x, sizes)]!;
        if (value > scene.attention[attentionIndex(best, y, x, sizes)]!) best = slot;
      }
      cell.set(colorOf(best), (y * w + x) * 3);
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
      if (masks[k * h * w + pixel]! > 0) color = colorOf(k - numBackground);
    }
    cell.set(color, pixel * 3);
  }
  return cell;
}

/** One row a scene, captions above. */
export function segmentationGrid(scenes: readonly GridScene[], sizes: GridSizes): Canvas {
  const slots = Array.from({ length: sizes.numSlots }, (_, slot) => `slot ${slot + 1}`);
  const rows = scenes.map((scene) => {
    const peak = peakOf(scene.attention);
    return [
      scene.image,
      ...slots.map((_, slot) => attentionCell(scene, slot, peak, sizes)),
      slotCell(scene, sizes),
      truthCell(scene, sizes.imageSize),
    ];
  });
  return drawCells({ captions: ['input', ...slots, 'slots', 'truth'], rows, cellSize: sizes.imageSize });
}
