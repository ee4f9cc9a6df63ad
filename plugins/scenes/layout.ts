/**
 * Draws what is in a scene and where, by CLEVR's rules (Johnson et al. 2017, `render_images.py` of clevr-dataset-gen):
 * the jitter of camera and lamps, at least `MIN_DISTANCE` between objects, at least `MARGIN` along the camera's left-right
 * and front-behind axes.
 */
import { RunError, type RandomStream } from 'osc-trainer/sdk';
import { Camera } from './camera';
import { COLORS, CUBE, MATERIALS, RADII, SHAPES, SIZES, type Lamp, type SceneObject } from './vocabulary';

const CAMERA = [7.48113, -6.50764, 5.34367] as const;
const CAMERA_JITTER = 0.5;
const LAMP_JITTER = 1;
/** Objects' centres lie in [-3, 3] x [-3, 3]. */
const FIELD = 3;
const MIN_DISTANCE = 0.25;
const MARGIN = 0.4;
/** Places tried for one object before the scene is begun anew. */
const TRIES_PER_OBJECT = 50;
const TRIES_PER_SCENE = 1000;

/** Key, fill and back lamp. */
const LAMPS: readonly Lamp[] = [
  { x: 9.7, y: -4.4, z: 6.9, radius: 0.7, intensity: 125 },
  { x: -7, y: -6, z: 5.2, radius: 0.8, intensity: 45 },
  { x: -1.6, y: 3.6, z: 7.6, radius: 0.6, intensity: 55 },
];

export interface Layout {
  readonly camera: Camera;
  readonly lamps: readonly Lamp[];
  readonly objects: readonly SceneObject[];
}

export interface LayoutOptions {
  readonly height: number;
  readonly width: number;
  readonly minObjects: number;
  readonly maxObjects: number;
}

function jitter(random: RandomStream, amount: number): number {
  return (2 * random.uniform() - 1) * amount;
}

function fits(x: number, y: number, radius: number, others: readonly SceneObject[], camera: Camera): boolean {
  // the camera's axes, laid flat on the ground
  const [rightX, rightY] = camera.right;
  return others.every((other) => {
    const dx = x - other.x;
    const dy = y - other.y;
    return (
      Math.hypot(dx, dy) - radius - RADII[other.size]! >= MIN_DISTANCE &&
      Math.abs(dx * rightX + dy * rightY) >= MARGIN &&
      Math.abs(dy * rightX - dx * rightY) >= MARGIN
    );
  });
}

/** A random object clear of all others, or undefined if no place was found. */
function placeObject(random: RandomStream, others: readonly SceneObject[], camera: Camera): SceneObject | undefined {
  const size = 1 + random.integer(SIZES.length);
  const radius = RADII[size]!;
  for (let attempt = 0; attempt < TRIES_PER_OBJECT; attempt++) {
    const x = jitter(random, FIELD);
    const y = jitter(random, FIELD);
    if (!fits(x, y, radius, others, camera)) continue;
    const shape = 1 + random.integer(SHAPES.length);
    return {
      shape,
      size,
      material: 1 + random.integer(MATERIALS.length),
      color: 1 + random.integer(COLORS.length),
      x,
      y,
      z: shape === CUBE ? radius / Math.SQRT2 : radius,
      rotation: 360 * random.uniform(),
    };
  }
  return undefined;
}

/**
 * @param random the scene's own draws
 * @param accept says whether all objects can be seen well enough; where not, all are placed anew (their number stays, so
 *   that crowded scenes are not rarer)
 * @throws RunError when no arrangement was accepted
 */
export function drawLayout(
  random: RandomStream,
  { height, width, minObjects, maxObjects }: LayoutOptions,
  accept: (layout: Layout) => boolean,
): Layout {
  const position = CAMERA.map((value) => value + jitter(random, CAMERA_JITTER)) as unknown as typeof CAMERA;
  const camera = new Camera(position, [0, 0, 0], height, width);
  const lamps = LAMPS.map((lamp) => ({
    ...lamp,
    x: lamp.x + jitter(random, LAMP_JITTER),
    y: lamp.y + jitter(random, LAMP_JITTER),
    z: lamp.z + jitter(random, LAMP_JITTER),
  }));
  const count = minObjects + random.integer(maxObjects - minObjects + 1);
  for (let attempt = 0; attempt < TRIES_PER_SCENE; attempt++) {
    const objects: SceneObject[] = [];
    while (objects.length < count) {
      const object = placeObject(random, objects, camera);
      if (object === undefined) break;
      objects.push(object);
    }
    const layout = { camera, lamps, objects };
    if (objects.length === count && accept(layout)) return layout;
  }
  throw new RunError(
    `No arrangement of ${count} objects was found in which each can be seen, in ${TRIES_PER_SCENE} tries.`,
    undefined,
    ['Lower `data.max_objects` or `data.min_visible`, or choose a larger `data.image_size`.'],
  );
}
