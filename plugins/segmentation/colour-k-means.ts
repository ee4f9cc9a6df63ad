import type { RandomStream } from 'osc-trainer/sdk';

/** Enough for a picture: later iterations move few pixels. */
const ITERATIONS = 10;

/**
 * K-means of the colours of an image's pixels, from starts that are drawn far apart (k-means++), ten iterations.
 *
 * @param image `[3, P]`
 * @returns `[P]`: the cluster of each pixel, the first of equally near ones; one without pixels stays where it is
 *
 * Source: S. Lloyd, Least squares quantization in PCM, 1982; D. Arthur and S. Vassilvitskii, k-means++, 2007.
 */
export function colourKMeans(image: Float32Array, numClusters: number, draws: RandomStream): Int32Array {
  const pixels = image.length / 3;
  const centres = spreadColours(image, numClusters, draws);
  const clusters = new Int32Array(pixels);
  const sums = new Float64Array(4 * numClusters);
  for (let iteration = 0; ; iteration++) {
    sums.fill(0);
    for (let p = 0; p < pixels; p++) {
      const [r, g, b] = [image[p]!, image[pixels + p]!, image[2 * pixels + p]!];
      let nearest = 0;
      let least = Infinity;
      for (let k = 0; k < numClusters; k++) {
        const squared = (r - centres[3 * k]!) ** 2 + (g - centres[3 * k + 1]!) ** 2 + (b - centres[3 * k + 2]!) ** 2;
        if (squared < least) [nearest, least] = [k, squared];
      }
      clusters[p] = nearest;
      sums[4 * nearest]! += r;
      sums[4 * nearest + 1]! += g;
      sums[4 * nearest + 2]! += b;
      sums[4 * nearest + 3]!++;
    }
    if (iteration === ITERATIONS) return clusters;
    for (let k = 0; k < numClusters; k++) {
      const size = sums[4 * k + 3]!;
      if (size === 0) continue;
      for (let c = 0; c < 3; c++) centres[3 * k + c] = sums[4 * k + c]! / size;
    }
  }
}

/** `[K, 3]`: the first pixel anywhere, each other one with a chance as the square of its distance from those before. */
function spreadColours(image: Float32Array, numClusters: number, draws: RandomStream): Float64Array {
  const pixels = image.length / 3;
  const centres = new Float64Array(3 * numClusters);
  const squares = new Float64Array(pixels).fill(Infinity);
  let next = draws.integer(pixels);
  for (let k = 0; k < numClusters; k++) {
    for (let c = 0; c < 3; c++) centres[3 * k + c] = image[c * pixels + next]!;
    let total = 0;
    for (let p = 0; p < pixels; p++) {
      let squared = 0;
      for (let c = 0; c < 3; c++) squared += (image[c * pixels + p]! - centres[3 * k + c]!) ** 2;
      squares[p] = Math.min(squares[p]!, squared);
      total += squares[p]!;
    }
    let left = draws.uniform() * total;
    next = pixels - 1; // where rounding leaves something, or all colours are chosen
    for (let p = 0; p < pixels; p++) {
      left -= squares[p]!;
      if (left >= 0) continue;
      next = p;
      break;
    }
  }
  return centres;
}
