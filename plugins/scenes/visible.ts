/** Which object is seen at each pixel: exact at the pixels' centres. */
import type { Camera } from './camera';
import type { Solid } from './solid';

const { ceil, floor, hypot, max, min } = Math;

/** Part of the image an object can cover, in whole pixels, the ends not included. */
export interface PixelBox {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

export interface Visible {
  /** `[H, W]`: 0 where the ground is seen, else the object's number plus one. */
  readonly ids: Uint8Array;
  readonly boxes: readonly PixelBox[];
  /** Pixels by id; the ground's first. */
  readonly counts: readonly number[];
  /** Pixels of each object, if nothing hid it. */
  readonly whole: readonly number[];
}

function boxOf(solid: Solid, camera: Camera): PixelBox {
  const [px, py, depth] = camera.project([solid.x, solid.y, solid.z]);
  // The image of a ball is largest where it is nearest; the widest angle off the axis stretches it further.
  const offAxis = hypot(px - camera.width / 2, py - camera.height / 2) / camera.focal;
  const radius = 1 + (camera.focal * solid.bound * hypot(1, offAxis)) / (depth - solid.bound);
  return {
    left: max(0, floor(px - radius)),
    top: max(0, floor(py - radius)),
    right: min(camera.width, ceil(px + radius)),
    bottom: min(camera.height, ceil(py + radius)),
  };
}

export function findVisible(solids: readonly Solid[], camera: Camera): Visible {
  const { height, width } = camera;
  const [ox, oy, oz] = camera.position;
  const ids = new Uint8Array(height * width);
  const depths = new Float64Array(height * width).fill(Infinity);
  const ray = new Float64Array(3);
  const boxes = solids.map((solid) => boxOf(solid, camera));
  const whole = new Array<number>(solids.length).fill(0);
  for (const [index, solid] of solids.entries()) {
    const box = boxes[index]!;
    for (let y = box.top; y < box.bottom; y++) {
      for (let x = box.left; x < box.right; x++) {
        camera.ray(x + 0.5, y + 0.5, ray);
        const depth = solid.intersect(ox, oy, oz, ray[0]!, ray[1]!, ray[2]!);
        if (depth < Infinity) whole[index]!++;
        if (depth < depths[y * width + x]!) {
          depths[y * width + x] = depth;
          ids[y * width + x] = index + 1;
        }
      }
    }
  }
  const counts = new Array<number>(solids.length + 1).fill(0);
  for (const id of ids) counts[id]!++;
  return { ids, boxes, counts, whole };
}
