/** Whether two slots have one region together, as when both take the background. */
import { sharesOf } from './slot-maps';

/**
 * The share of an image that two slots hold together, of the two that hold most so: `2 Σ min(a, b) / P` of their shares a and b of
 * each pixel. 1 = each has half of every pixel, 0 = no pixel is of two slots. Mean over images.
 *
 * @param maps `[n, S, P]`, not negative, row-major; a pixel's values over slots are taken as shares of it
 */
export function sharedRegion(
  maps: ArrayLike<number>,
  [images, slots, pixels]: readonly [number, number, number],
): number {
  const shares = sharesOf(maps, [images, slots, pixels]);
  let sum = 0;
  for (let image = 0; image < images; image++) {
    let most = 0;
    for (let a = 0; a < slots; a++) {
      for (let b = 0; b < a; b++) {
        const [ofA, ofB] = [(image * slots + a) * pixels, (image * slots + b) * pixels];
        let together = 0;
        for (let p = 0; p < pixels; p++) together += Math.min(shares[ofA + p]!, shares[ofB + p]!);
        most = Math.max(most, (2 * together) / pixels);
      }
    }
    sum += most;
  }
  return sum / images;
}
