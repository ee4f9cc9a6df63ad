/** Between 8-bit RGB and what a model sees. */
import type { ImageSize, Normalization } from './types';

/**
 * Values in [0, 1], minus the mean, over the standard deviation; the layout stays.
 *
 * @param image `[H, W, 3]` 8-bit; @returns `[H, W, 3]`
 */
export function normalizeImage(image: Uint8Array, { mean, std }: Normalization): Float32Array {
  const out = new Float32Array(image.length);
  for (let i = 0; i < image.length; i++) out[i] = (image[i]! / 255 - mean[i % 3]!) / std[i % 3]!;
  return out;
}

/**
 * Back to 8-bit RGB for figures, clipped.
 *
 * @param image `[3, h, w]` normalised; @returns `[h, w, 3]`
 */
export function unnormalizeImage(
  image: Float32Array,
  [height, width]: ImageSize,
  { mean, std }: Normalization,
): Uint8Array {
  const plane = height * width;
  const out = new Uint8ClampedArray(3 * plane); // rounds and clips
  for (let i = 0; i < plane; i++)
    for (let c = 0; c < 3; c++) out[3 * i + c] = 255 * (image[c * plane + i]! * std[c]! + mean[c]!);
  return new Uint8Array(out.buffer);
}
