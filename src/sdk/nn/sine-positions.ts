import { UsageError } from '../errors';
import type { Initializer } from '../module';

/**
 * A start for positions of a grid `[h * w, C]`: sines and cosines of y, then of x, C / 4 frequencies each. Both axes go from -1 to 1;
 * frequencies are geometric from π / 2, half a wave across, to π / 2 times the cells along the axis, half a wave a cell.
 *
 * @param grid `[h, w]` cells down and across
 * @param dim C, divisible by 4
 * @param place of the option that asks for it, for the message
 * @throws UsageError for another width
 */
export function sinePositions([height, width]: readonly [number, number], dim: number, place: string): Initializer {
  if (dim % 4 !== 0) {
    throw new UsageError(
      `Positions that start as sines need a width divisible by 4, not ${dim} (${place}).`,
      'They are sines and cosines of x and of y, as many of each.',
    );
  }
  const half = dim / 2;
  const table = new Float32Array(height * width * dim);
  const [ofRows, ofColumns] = [wavesOf(height, dim / 4), wavesOf(width, dim / 4)];
  for (let y = 0, at = 0; y < height; y++) {
    for (let x = 0; x < width; x++, at += dim) {
      table.set(ofRows[y]!, at);
      table.set(ofColumns[x]!, at + half);
    }
  }
  return (shape) => {
    if (shape.length !== 2 || shape[0] !== height * width || shape[1] !== dim) {
      throw new RangeError(`Positions of [${height * width}, ${dim}] are no start for [${shape.join(', ')}].`);
    }
    return table.slice();
  };
}

/** For each cell along an axis all sines, then all cosines. */
function wavesOf(cells: number, count: number): number[][] {
  const frequencies = Array.from({ length: count }, (_, k) => (Math.PI / 2) * cells ** (k / Math.max(count - 1, 1)));
  return Array.from({ length: cells }, (_, i) => {
    const place = (2 * i + 1) / cells - 1;
    return [...frequencies.map((f) => Math.sin(place * f)), ...frequencies.map((f) => Math.cos(place * f))];
  });
}
