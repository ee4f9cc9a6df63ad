/** Values as colours. */
import type { Rgb } from './canvas';

/** Dark to bright, evenly spaced; the ten colours of matplotlib's `inferno`, which the reference's rollouts have. */
const COLORS: readonly Rgb[] = [
  [0, 0, 4],
  [27, 12, 66],
  [75, 12, 107],
  [120, 28, 109],
  [165, 44, 96],
  [207, 68, 70],
  [237, 105, 37],
  [251, 154, 6],
  [247, 208, 60],
  [252, 255, 164],
];

/** @param level in [0, 1] */
function colorAt(level: number): number[] {
  const at = level * (COLORS.length - 1);
  const below = Math.min(Math.floor(at), COLORS.length - 2);
  const [from, to] = [COLORS[below]!, COLORS[below + 1]!];
  return from.map((value, c) => value + (at - below) * (to[c]! - value));
}

/**
 * Values over the patch tokens of an image as colours, the least of them dark and the greatest bright; dark throughout
 * where all are equal.
 *
 * @param values `[gridH, gridW]`
 * @returns `[h, w, 3]`, each pixel that of its patch
 */
export function heatMap(
  values: Float32Array,
  [gridH, gridW]: readonly [number, number],
  [h, w]: readonly [number, number],
): Uint8Array {
  const [least, greatest] = values.reduce(
    ([low, high], value) => [Math.min(low, value), Math.max(high, value)] as const,
    [Infinity, -Infinity] as readonly [number, number],
  );
  const range = greatest - least || 1;
  const pixels = new Uint8Array(h * w * 3);
  for (let y = 0; y < h; y++) {
    for (let x = 0; x < w; x++) {
      const token = Math.floor((y * gridH) / h) * gridW + Math.floor((x * gridW) / w);
      pixels.set(colorAt((values[token]! - least) / range), (y * w + x) * 3);
    }
  }
  return pixels;
}
