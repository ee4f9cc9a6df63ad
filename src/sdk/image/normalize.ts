/** Between 8-bit RGB and what a model sees. */
import type { ImageSize, Normalization } from './types';

/**
 * What is taken off each row of pixels, `[3 * height]`: R, G and B of the top row first.
 *
 * @throws RangeError where there are means of another number of rows
 */
export function rowMeans({ mean, rows }: Normalization, height: number): Float64Array {
  if (rows != null && rows.length !== height) {
    throw new RangeError(`Means of ${rows.length} rows of pixels do not fit an image of ${height}.`);
  }
  return Float64Array.from({ length: 3 * height }, (_, i) => (rows?.[Math.floor(i / 3)] ?? mean)[i % 3]!);
}

/**
 * Values in [0, 1], minus the mean, over the standard deviation; the layout stays. Means of rows, which are those of a crop, have no
 * part in it.
 *
 * @param image `[H, W, 3]` 8-bit; @returns `[H, W, 3]`
 */
export function normalizeImage(image: Uint8Array, { mean, std }: Pick<Normalization, 'mean' | 'std'>): Float32Array {
  const out = new Float32Array(image.length);
  for (let i = 0; i < image.length; i++) out[i] = (image[i]! / 255 - mean[i % 3]!) / std[i % 3]!;
  return out;
}

/**
 * Back to 8-bit RGB for figures, clipped.
 *
 * @param image `[3, h, w]` normalised; @returns `[h, w, 3]`
 * @throws RangeError where there are means of another number of rows
 */
export function unnormalizeImage(
  image: Float32Array,
  [height, width]: ImageSize,
  normalization: Normalization,
): Uint8Array {
  const { std } = normalization;
  const means = rowMeans(normalization, height);
  const plane = height * width;
  const out = new Uint8ClampedArray(3 * plane); // rounds and clips
  for (let y = 0, i = 0; y < height; y++)
    for (let x = 0; x < width; x++, i++)
      for (let c = 0; c < 3; c++) out[3 * i + c] = 255 * (image[c * plane + i]! * std[c]! + means[3 * y + c]!);
  return new Uint8Array(out.buffer);
}
