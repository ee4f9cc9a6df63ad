/** Choice of the box of a random resized crop. Source: the reference's `osc/data/random_resized_crop.py`. */
import type { CropBox, ImageSize } from './types';

const f32 = Math.fround;

/** Boxes tried before the fallback. */
export const CROP_ATTEMPTS = 10;

/** Width / height of a crop. */
export const CROP_RATIO = [3 / 4, 4 / 3] as const;

/** Uniform draws in [0, 1) behind the attempts, each `[attempts]`. */
export interface CropDraws {
  readonly area: Float32Array;
  readonly ratio: Float32Array;
  readonly top: Float32Array;
  readonly left: Float32Array;
}

/**
 * The first attempt that is not larger than the image, else a centred crop of the nearest allowed shape, else the whole
 * image. The top left corner is uniform in [0, H - h + 1), so the box may stick out by up to one pixel: there the crop
 * is black, as in the reference.
 *
 * @param scale smallest and largest area, relative to the image's
 * @param ratio smallest and largest width / height
 */
export function randomResizedCropBox(
  draws: CropDraws,
  [height, width]: ImageSize,
  scale: readonly [number, number],
  ratio: readonly [number, number] = CROP_RATIO,
): CropBox {
  const fits = (h: number, w: number): boolean => h > 0 && h <= height && w > 0 && w <= width;
  const low = f32(scale[0]);
  const span = f32(f32(scale[1]) - low);
  const [minRatio, maxRatio] = [f32(ratio[0]), f32(ratio[1])];
  const logLow = f32(Math.log(minRatio));
  const logSpan = f32(f32(Math.log(maxRatio)) - logLow);
  for (let i = 0; i < draws.area.length; i++) {
    const area = f32(height * width * f32(f32(draws.area[i]! * span) + low));
    const shape = f32(Math.exp(f32(f32(draws.ratio[i]! * logSpan) + logLow)));
    const h = f32(Math.sqrt(f32(area / shape)));
    const w = f32(Math.sqrt(f32(area * shape)));
    if (!fits(h, w)) continue;
    const top = f32(draws.top[i]! * f32(f32(height - h) + 1));
    const left = f32(draws.left[i]! * f32(f32(width - w) + 1));
    return { top, left, height: h, width: w };
  }
  const tall = f32(width / minRatio);
  if (fits(tall, width)) return { top: f32(f32(height - tall) / 2), left: 0, height: tall, width };
  const wide = f32(height * maxRatio);
  // The reference does not halve this offset: its "centre" crop of a wide image is its right end.
  if (fits(height, wide)) return { top: 0, left: f32(width - wide), height, width: wide };
  return { top: 0, left: 0, height, width };
}
