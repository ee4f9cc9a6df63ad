/** One sample side by side: the image, the masks of all objects over it, and each visible mask. */
import type { Sample } from '../sdk';
import { Canvas, captionHeight, slotColor, type Rgb } from '../sdk/image';

const PAPER: Rgb = [255, 255, 255];
const INK: Rgb = [60, 60, 60];
const GAP = 4;
const CAPTION_SCALE = 2;
const CAPTION_SPACE = captionHeight(CAPTION_SCALE) + GAP;
/** Cells are enlarged to at least this many pixels, so that small images can be seen. */
const MIN_CELL_PIXELS = 128;
const MAX_COLUMNS = 6;
/** How much of a mask's colour lies over the image. */
const TINT = 0.55;

interface Cell {
  readonly caption: string;
  /** `[H, W, 3]` */
  readonly pixels: Uint8Array;
}

function tint(into: Uint8Array, sample: Sample, mask: number): void {
  const { image, masks, height, width, numBackground = 1 } = sample;
  const color = slotColor(mask - numBackground);
  const first = mask * height * width;
  for (let pixel = 0; pixel < height * width; pixel++) {
    if (masks![first + pixel]! === 0) continue;
    for (let c = 0; c < 3; c++) into[3 * pixel + c] = (1 - TINT) * image[3 * pixel + c]! + TINT * color[c]!;
  }
}

function maskCell({ masks, height, width }: Sample, mask: number): Cell {
  const pixels = new Uint8Array(height * width * 3);
  const first = mask * height * width;
  for (let pixel = 0; pixel < height * width; pixel++) pixels.fill(masks![first + pixel]!, 3 * pixel, 3 * pixel + 3);
  return { caption: `${mask}`, pixels };
}

/** Masks with a pixel in them: background and the objects that can be seen. */
function visibleMasks({ masks, numMasks = 0, height, width }: Sample): number[] {
  const size = height * width;
  const isVisible = (mask: number): boolean =>
    masks!.subarray(mask * size, (mask + 1) * size).some((value) => value > 0);
  return Array.from({ length: numMasks }, (_, mask) => mask).filter(isVisible);
}

/** The figure of a sample; the number above a mask is that of its row in the attribute table. */
export function sceneFigure(sample: Sample): Canvas {
  const { height, width, image, masks, numBackground = 1 } = sample;
  const cells: Cell[] = [{ caption: 'image', pixels: image }];
  if (masks) {
    const visible = visibleMasks(sample);
    const pixels = Uint8Array.from(image);
    for (const mask of visible) if (mask >= numBackground) tint(pixels, sample, mask);
    cells.push({ caption: 'masks', pixels }, ...visible.map((mask) => maskCell(sample, mask)));
  }
  const scale = Math.max(1, Math.ceil(MIN_CELL_PIXELS / Math.min(height, width)));
  const columns = Math.min(cells.length, MAX_COLUMNS);
  const rows = Math.ceil(cells.length / columns);
  const [stepX, stepY] = [width * scale + GAP, height * scale + GAP + CAPTION_SPACE];
  const canvas = new Canvas(columns * stepX + GAP, rows * stepY + GAP, PAPER);
  cells.forEach(({ caption, pixels }, n) => {
    const left = GAP + (n % columns) * stepX;
    const top = GAP + Math.floor(n / columns) * stepY;
    canvas.caption(caption, left + (width * scale) / 2, top, INK, CAPTION_SCALE);
    canvas.draw(pixels, height, width, left, top + CAPTION_SPACE, scale);
  });
  return canvas;
}
