/** The grid of reconstructed images: input, reconstruction, whose pixels are whose, and each slot's part of the input. */
import { drawCells, slotColor, type Canvas, type Cell } from 'osc-trainer/sdk/image';

/** One image as one loss makes it. */
export interface Reconstructed {
  /** Of the loss. */
  readonly source: string;
  /** `[h, w, 3]` */
  readonly painted: Uint8Array;
  /** `[S, mh, mw]` of the image or of a grid of patches, not negative. */
  readonly masks: Float32Array;
  /** `[mh, mw]` */
  readonly maskSize: readonly [number, number];
}

export interface GridImage {
  /** `[h, w, 3]` */
  readonly image: Uint8Array;
  /** One a loss. */
  readonly reconstructions: readonly Reconstructed[];
}

export interface GridSizes {
  readonly imageSize: readonly [number, number];
  readonly numSlots: number;
}

const PAPER = 255;

/** The share of a pixel that each slot has, `[S]`: its mask over the sum of all. */
function sharesAt({ masks, maskSize: [mh, mw] }: Reconstructed, pixel: number, sizes: GridSizes): number[] {
  const [h, w] = sizes.imageSize;
  const [y, x] = [Math.floor(pixel / w), pixel % w];
  const place = Math.floor((y * mh) / h) * mw + Math.floor((x * mw) / w);
  const values = Array.from({ length: sizes.numSlots }, (_, slot) => masks[slot * mh * mw + place]!);
  const total = values.reduce((sum, value) => sum + value, 0);
  return values.map((value) => (total > 0 ? value / total : 0));
}

/** The masks in one picture, and each slot's share of the image on white. */
function slotCells(image: Uint8Array, one: Reconstructed, sizes: GridSizes): Uint8Array[] {
  const [h, w] = sizes.imageSize;
  const together = new Uint8Array(3 * h * w);
  const parts = Array.from({ length: sizes.numSlots }, () => new Uint8Array(3 * h * w));
  for (let pixel = 0; pixel < h * w; pixel++) {
    const shares = sharesAt(one, pixel, sizes);
    together.set(slotColor(shares.indexOf(Math.max(...shares))), 3 * pixel);
    shares.forEach((share, slot) => {
      for (let i = 3 * pixel; i < 3 * pixel + 3; i++) {
        parts[slot]![i] = Math.round(share * image[i]! + (1 - share) * PAPER);
      }
    });
  }
  return [together, ...parts];
}

/** One row for each image, captions above; with several losses one for each of them, the later ones led by the loss's name. */
export function reconstructionGrid(images: readonly GridImage[], sizes: GridSizes): Canvas {
  const rows = images.flatMap(({ image, reconstructions }) =>
    reconstructions.map((one, i): Cell[] => {
      const first = i === 0 ? image : { text: one.source, columns: 1 };
      return [first, one.painted, ...slotCells(image, one, sizes)];
    }),
  );
  const slots = Array.from({ length: sizes.numSlots }, (_, slot) => `slot ${slot + 1}`);
  return drawCells({ captions: ['input', 'painted', 'masks', ...slots], rows, cellSize: sizes.imageSize });
}
