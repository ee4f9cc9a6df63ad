/**
 * Draws what is in a scene and where, by CLEVR's rules (Johnson et al. 2017, `render_images.py` of clevr-dataset-gen):
 * the jitter of camera and lamps, at least `MIN_DISTANCE` between objects, at least `MARGIN` along the camera's left-right
 * and front-behind axes.
 */
import { RunError, type RandomStream } from 'osc-trainer/sdk';
import { Camera } from './camera';
import { AS_CLEVR, type Knobs } from './knobs';
import { changeLight, drawGround, drawTextures, moveCamera } from './look';
import { colorsOf } from './pairs';
import type { Texture } from './texture';
import { CUBE, MATERIALS, RADII, SHAPES, SIZES, WHITE, type Lamp, type SceneObject, type Sky } from './vocabulary';

const CAMERA = [7.48113, -6.50764, 5.34367] as const;
const CAMERA_JITTER = 0.5;
const LAMP_JITTER = 1;
/** Objects' centres lie in [-3, 3] x [-3, 3]. */
const FIELD = 3;
const MIN_DISTANCE = 0.25;
const MARGIN = 0.4;
/** Of an object that is put in front of another one or behind it: gap on the ground, and how far aside in sums of radii. */
const BEHIND = { gap: [0.1, 0.7], aside: 0.55 } as const;
/** Places tried for one object before the scene is begun anew. */
const TRIES_PER_OBJECT = 50;
const TRIES_PER_SCENE = 1000;
/** Where objects have to hide each other, or must not. */
const TRIES_WITH_OCCLUSION = 20_000;

/** Key, fill and back lamp. */
const LAMPS: readonly Lamp[] = [
  { x: 9.7, y: -4.4, z: 6.9, radius: 0.7, intensity: 125, ...WHITE },
  { x: -7, y: -6, z: 5.2, radius: 0.8, intensity: 45, ...WHITE },
  { x: -1.6, y: 3.6, z: 7.6, radius: 0.6, intensity: 55, ...WHITE },
];

export interface Layout {
  readonly camera: Camera;
  readonly lamps: readonly Lamp[];
  readonly sky: Sky;
  readonly objects: readonly SceneObject[];
  /** Patterns: of the ground, and of each object. */
  readonly ground: Texture | null;
  readonly textures: readonly (Texture | null)[];
}

export interface LayoutOptions extends Partial<Knobs> {
  readonly height: number;
  readonly width: number;
  readonly minObjects: number;
  readonly maxObjects: number;
}

function jitter(random: RandomStream, amount: number): number {
  return (2 * random.uniform() - 1) * amount;
}

function fits(
  x: number,
  y: number,
  radius: number,
  others: readonly SceneObject[],
  camera: Camera,
  [gap, margin]: readonly [number, number],
): boolean {
  // the camera's axes, laid flat on the ground
  const [rightX, rightY] = camera.across;
  return others.every((other) => {
    const dx = x - other.x;
    const dy = y - other.y;
    return (
      Math.hypot(dx, dy) - radius - RADII[other.size]! >= gap &&
      Math.abs(dx * rightX + dy * rightY) >= margin &&
      Math.abs(dy * rightX - dx * rightY) >= margin
    );
  });
}

/** A place in line with another object, seen from the camera. */
function besideInView(
  random: RandomStream,
  radius: number,
  others: readonly SceneObject[],
  camera: Camera,
): readonly [number, number] {
  const other = others[random.integer(others.length)]!;
  const radii = radius + RADII[other.size]!;
  const [nearest, farthest] = BEHIND.gap;
  const apart = (radii + nearest + (farthest - nearest) * random.uniform()) * (random.integer(2) === 0 ? 1 : -1);
  const aside = jitter(random, BEHIND.aside * radii);
  const [rightX, rightY] = camera.across;
  return [other.x + aside * rightX - apart * rightY, other.y + aside * rightY + apart * rightX];
}

/** A random object clear of all others, or undefined if no place was found. */
function placeObject(
  random: RandomStream,
  others: readonly SceneObject[],
  camera: Camera,
  { occlusion, pairs }: Knobs,
): SceneObject | undefined {
  const size = 1 + random.integer(SIZES.length);
  const radius = RADII[size]!;
  // drawn only where the knob is turned: other scenes keep their draws
  const inLine = occlusion !== null && occlusion > 0 && others.length > 0 && random.uniform() < occlusion;
  for (let attempt = 0; attempt < TRIES_PER_OBJECT; attempt++) {
    const [x, y] = inLine
      ? besideInView(random, radius, others, camera)
      : ([jitter(random, FIELD), jitter(random, FIELD)] as const);
    if (Math.abs(x) > FIELD || Math.abs(y) > FIELD) continue;
    if (!fits(x, y, radius, others, camera, inLine ? [BEHIND.gap[0], 0] : [MIN_DISTANCE, MARGIN])) continue;
    const shape = 1 + random.integer(SHAPES.length);
    return {
      shape,
      size,
      material: 1 + random.integer(MATERIALS.length),
      color: drawColor(random, shape, pairs),
      x,
      y,
      z: shape === CUBE ? radius / Math.SQRT2 : radius,
      rotation: 360 * random.uniform(),
    };
  }
  return undefined;
}

function drawColor(random: RandomStream, shape: number, pairs: Knobs['pairs']): number {
  const colors = colorsOf(shape, pairs);
  return colors[random.integer(colors.length)]!;
}

/**
 * @param random the scene's own draws
 * @param look those of how it is lit, seen and painted
 * @param accept says whether all objects can be seen well enough; where not, all are placed anew (their number stays, so
 *   that crowded scenes are not rarer)
 * @throws RunError when no arrangement was accepted
 */
export function drawLayout(
  random: RandomStream,
  look: (what: string) => RandomStream,
  { height, width, minObjects, maxObjects, ...turned }: LayoutOptions,
  accept: (layout: Layout) => boolean,
): Layout {
  const knobs = { ...AS_CLEVR, ...turned };
  const base = CAMERA.map((value) => value + jitter(random, CAMERA_JITTER)) as unknown as typeof CAMERA;
  const { position, target, roll } = moveCamera(look('camera'), base, knobs.camera);
  const camera = new Camera(position, target, height, width, roll);
  const lamps = LAMPS.map((lamp) => ({
    ...lamp,
    x: lamp.x + jitter(random, LAMP_JITTER),
    y: lamp.y + jitter(random, LAMP_JITTER),
    z: lamp.z + jitter(random, LAMP_JITTER),
  }));
  const light = changeLight(look('light'), lamps, WHITE, knobs.light);
  const count = minObjects + random.integer(maxObjects - minObjects + 1);
  const ground = drawGround(look('ground'), knobs);
  const textures = drawTextures(look('texture'), knobs, count);
  const tries = knobs.occlusion === null ? TRIES_PER_SCENE : TRIES_WITH_OCCLUSION;
  for (let attempt = 0; attempt < tries; attempt++) {
    const objects: SceneObject[] = [];
    while (objects.length < count) {
      const object = placeObject(random, objects, camera, knobs);
      if (object === undefined) break;
      objects.push(object);
    }
    const layout = { camera, ...light, objects, ground, textures };
    if (objects.length === count && accept(layout)) return layout;
  }
  throw new RunError(
    `No arrangement of ${count} objects was found in which each can be seen, in ${tries} tries.`,
    undefined,
    ['Lower `data.max_objects`, `data.min_visible` or `data.occlusion`, or choose a larger `data.image_size`.'],
  );
}
