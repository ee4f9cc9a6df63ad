/** Training crops that look as test images do: the largest square, at a random place instead of the centre. */
import type { RandomStream } from '../random';
import { prepareTestImage } from './prepare-test';
import type { ImageSize, Normalization, RgbImage } from './types';

/** A square of an image, in its pixels. */
export interface RandomSquare {
  readonly top: number;
  readonly left: number;
  /** min(H, W) */
  readonly side: number;
  /** Left and right change places. */
  readonly flip: boolean;
}

/** Draws the place of the largest square of an image, all places alike, and whether it is flipped. */
export function drawRandomSquare(stream: RandomStream, [height, width]: ImageSize): RandomSquare {
  const side = Math.min(height, width);
  const place = (room: number, u: number): number => Math.min(Math.floor(u * (room + 1)), room);
  return {
    flip: stream.uniform() < 0.5,
    top: place(height - side, stream.uniform()),
    left: place(width - side, stream.uniform()),
    side,
  };
}

/** A square as the model sees it, resized and normalised as test images are: `[3, h, w]` float32. */
export function prepareSquare(
  { image, width }: RgbImage,
  { top, left, side, flip }: RandomSquare,
  cropSize: ImageSize,
  normalize: Normalization,
): Float32Array {
  const square = new Uint8Array(side * side * 3);
  for (let y = 0, to = 0; y < side; y++) {
    const row = ((top + y) * width + left) * 3;
    if (!flip) {
      square.set(image.subarray(row, row + side * 3), y * side * 3);
      continue;
    }
    for (let x = side - 1; x >= 0; x--) for (let c = 0; c < 3; c++) square[to++] = image[row + 3 * x + c]!;
  }
  return prepareTestImage({ image: square, height: side, width: side }, cropSize, normalize);
}
