/** The order of pixels in which masks are made: cell by cell. P = pixels of an image, all of them in cells. */
import * as tf from '@tensorflow/tfjs-core';
import { UsageError } from 'osc-trainer/sdk';

/** An image cut into square cells. */
export interface Cells {
  /** Cells down and across. */
  readonly grid: readonly [number, number];
  /** Side of a cell in pixels. */
  readonly side: number;
}

/** @throws UsageError for an image that is no whole number of cells */
export function cellsOf([height, width]: readonly [number, number], side: number): Cells {
  if (height % side !== 0 || width % side !== 0) {
    const sides = Array.from({ length: Math.min(height, width) }, (_, i) => i + 1);
    const fitting = sides.filter((n) => height % n === 0 && width % n === 0).reverse();
    const nearest = fitting.sort((a, b) => Math.abs(a - side) - Math.abs(b - side))[0];
    throw new UsageError(
      `The loss slot-mixture cannot cut crops of ${height}×${width} pixels into cells of ${side}×${side}.`,
      'Its option cell must divide height and width of data.crop_size.',
      [`losses.l_recon.cell=${nearest}`],
    );
  }
  return { grid: [height / side, width / side], side };
}

/** `[B, K, H, W]` → `[B, K, P]`. */
export function toCells(images: tf.Tensor4D, { grid: [down, across], side }: Cells): tf.Tensor3D {
  const [rows, channels] = images.shape;
  const cut = tf.reshape(images, [rows, channels, down, side, across, side]);
  return tf.reshape(tf.transpose(cut, [0, 1, 2, 4, 3, 5]), [rows, channels, -1]);
}

/** `[B, K, P]` → `[B, K, H, W]`. */
export function fromCells(pixels: tf.Tensor3D, { grid: [down, across], side }: Cells): tf.Tensor4D {
  const [rows, channels] = pixels.shape;
  const cut = tf.reshape(pixels, [rows, channels, down, across, side, side]);
  return tf.reshape(tf.transpose(cut, [0, 1, 2, 4, 3, 5]), [rows, channels, down * side, across * side]);
}

/** 1, y and x of every pixel, y and x from -1 to 1 over the image: `[3, P]`. */
export function planeOf({ grid: [down, across], side }: Cells): Float32Array {
  const [height, width] = [down * side, across * side];
  const plane = new Float32Array(3 * height * width);
  let pixel = 0;
  for (let cell = 0; cell < down * across; cell++) {
    for (let within = 0; within < side * side; within++, pixel++) {
      const y = Math.floor(cell / across) * side + Math.floor(within / side);
      const x = (cell % across) * side + (within % side);
      plane[pixel] = 1;
      plane[height * width + pixel] = (2 * (y + 0.5)) / height - 1;
      plane[2 * height * width + pixel] = (2 * (x + 0.5)) / width - 1;
    }
  }
  return plane;
}
