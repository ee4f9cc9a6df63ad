/** Bilinear resizing of float images, `[H, W, C]` row-major. */
import { type Axis, cornerAlignedAxis, halfPixelAxis } from './axis';
import type { CropBox, ImageSize } from './types';

function sample(source: ArrayLike<number>, width: number, channels: number, rows: Axis, columns: Axis): Float32Array {
  const outputWidth = columns.low.length;
  const out = new Float32Array(rows.low.length * outputWidth * channels);
  for (let y = rows.begin; y < rows.end; y++) {
    const top = rows.low[y]! * width;
    const bottom = rows.high[y]! * width;
    const down = rows.weight[y]!;
    for (let x = columns.begin; x < columns.end; x++) {
      const left = columns.low[x]!;
      const right = columns.high[x]!;
      const across = columns.weight[x]!;
      for (let c = 0; c < channels; c++) {
        const topLeft = source[(top + left) * channels + c]!;
        const bottomLeft = source[(bottom + left) * channels + c]!;
        const upper = topLeft + (source[(top + right) * channels + c]! - topLeft) * across;
        const lower = bottomLeft + (source[(bottom + right) * channels + c]! - bottomLeft) * across;
        out[(y * outputWidth + x) * channels + c] = upper + (lower - upper) * down;
      }
    }
  }
  return out;
}

function checkLength(source: ArrayLike<number>, [height, width]: ImageSize, channels: number): void {
  if (source.length !== height * width * channels)
    throw new RangeError(`An image of [${height}, ${width}, ${channels}] has not ${source.length} values.`);
}

/**
 * `tf.image.resize` (bilinear, half-pixel centres, no antialiasing).
 *
 * @param source `[H, W, C]`; @returns `[h, w, C]`
 */
export function resizeBilinear(
  source: ArrayLike<number>,
  from: ImageSize,
  channels: number,
  to: ImageSize,
): Float32Array {
  checkLength(source, from, channels);
  return sample(source, from[1], channels, halfPixelAxis(from[0], to[0]), halfPixelAxis(from[1], to[1]));
}

/**
 * `tf.image.crop_and_resize` (bilinear, corner-aligned): what lies outside the source is 0.
 *
 * @param source `[H, W, C]`; @returns `[h, w, C]`
 */
export function cropAndResize(
  source: ArrayLike<number>,
  from: ImageSize,
  channels: number,
  box: CropBox,
  to: ImageSize,
): Float32Array {
  checkLength(source, from, channels);
  const rows = cornerAlignedAxis(box.top, box.height, from[0], to[0]);
  const columns = cornerAlignedAxis(box.left, box.width, from[1], to[1]);
  return sample(source, from[1], channels, rows, columns);
}
