/**
 * Preparation of test images and masks: centre square crop, normalisation, bilinear resize.
 * Source: `prepare_test_segmentation` in the reference's `osc/data/clevr_with_masks.py`.
 */
import { halfPixelAxis } from './axis';
import { normalizeImage, rowMeans } from './normalize';
import { resizeBilinear } from './resize';
import type { ImageSize, Normalization, RgbImage } from './types';

/** The largest centred square: first row and column, and side. */
function centreSquare(height: number, width: number): { top: number; left: number; side: number } {
  const side = Math.min(height, width);
  return { top: (height - side) >> 1, left: (width - side) >> 1, side };
}

/**
 * The largest centred square of an image.
 *
 * @returns `[S, S, 3]` with S = min(H, W)
 */
export function cropCentreSquare({ image, height, width }: RgbImage): RgbImage {
  const { top, left, side } = centreSquare(height, width);
  const out = new Uint8Array(side * side * 3);
  for (let y = 0; y < side; y++) {
    const start = ((top + y) * width + left) * 3;
    out.set(image.subarray(start, start + side * 3), y * side * 3);
  }
  return { image: out, height: side, width: side };
}

/**
 * Image for the model: `[3, h, w]` float32. Normalised before it is resized, as in the reference; means of rows are those of the
 * resized image, and what they differ from the mean by is taken off that.
 *
 * @throws RangeError where there are means of another number of rows
 */
export function prepareTestImage(source: RgbImage, cropSize: ImageSize, normalize: Normalization): Float32Array {
  const square = cropCentreSquare(source);
  const normalized = normalizeImage(square.image, normalize);
  const resized = resizeBilinear(normalized, [square.height, square.width], 3, cropSize);
  const plane = cropSize[0] * cropSize[1];
  const out = new Float32Array(3 * plane);
  for (let i = 0; i < plane; i++) for (let c = 0; c < 3; c++) out[c * plane + i] = resized[3 * i + c]!;
  if (normalize.rows != null) subtractRows(out, rowMeans(normalize, cropSize[0]), normalize, cropSize[1]);
  return out;
}

/** In place, `[3, h, w]`. @param means `[h, 3]` */
function subtractRows(image: Float32Array, means: Float64Array, { mean, std }: Normalization, width: number): void {
  const height = means.length / 3;
  for (let c = 0, i = 0; c < 3; c++) {
    for (let y = 0; y < height; y++) {
      const shift = (means[3 * y + c]! - mean[c]!) / std[c]!;
      for (let x = 0; x < width; x++, i++) image[i]! -= shift;
    }
  }
}

/**
 * Masks on the same grid: a pixel belongs to a mask if any pixel with a weight in its bilinear average does, so masks
 * grow a little and overlap at their borders, as in the reference.
 *
 * @param masks `[K, H, W]`, 0 or not; @returns `[K, h, w]`, 0 or 1
 */
export function prepareTestMasks(masks: Uint8Array, [height, width]: ImageSize, cropSize: ImageSize): Uint8Array {
  const { top, left, side } = centreSquare(height, width);
  const count = masks.length / (height * width);
  if (!Number.isInteger(count))
    throw new RangeError(`Masks of [K, ${height}, ${width}] have not ${masks.length} values.`);
  const rows = halfPixelAxis(side, cropSize[0]);
  const columns = halfPixelAxis(side, cropSize[1]);
  const out = new Uint8Array(count * cropSize[0] * cropSize[1]);
  let target = 0;
  for (let k = 0; k < count; k++) {
    for (let y = 0; y < cropSize[0]; y++) {
      const upper = (k * height + top + rows.low[y]!) * width + left;
      const lower = (k * height + top + rows.high[y]!) * width + left;
      for (let x = 0; x < cropSize[1]; x++) {
        // `low` always has a weight; `high` differs from it only where it has one too
        const [l, r] = [columns.low[x]!, columns.high[x]!];
        out[target++] = masks[upper + l]! | masks[upper + r]! | masks[lower + l]! | masks[lower + r]! ? 1 : 0;
      }
    }
  }
  return out;
}

/**
 * The same square as a partition, for metrics that need one: each pixel has the number of the mask at its nearest source
 * pixel (of several the last: an object before the background), -1 where there is none.
 *
 * @param masks `[K, H, W]`, 0 or not; @returns `[h, w]`
 */
export function prepareTestLabels(masks: Uint8Array, [height, width]: ImageSize, cropSize: ImageSize): Int32Array {
  const { top, left, side } = centreSquare(height, width);
  const count = masks.length / (height * width);
  if (!Number.isInteger(count))
    throw new RangeError(`Masks of [K, ${height}, ${width}] have not ${masks.length} values.`);
  const nearest = (i: number, length: number): number => Math.floor(((i + 0.5) * side) / length);
  const labels = new Int32Array(cropSize[0] * cropSize[1]).fill(-1);
  for (let y = 0; y < cropSize[0]; y++) {
    const row = (top + nearest(y, cropSize[0])) * width + left;
    for (let x = 0; x < cropSize[1]; x++) {
      const source = row + nearest(x, cropSize[1]);
      for (let k = 0; k < count; k++) {
        if (masks[k * height * width + source] !== 0) labels[y * cropSize[1] + x] = k;
      }
    }
  }
  return labels;
}
