/** Light, camera and patterns that are not CLEVR's. Drawn apart from what is in a scene, which stays the same. */
import type { RandomStream } from 'osc-trainer/sdk';
import type { Knobs } from './knobs';
import { Texture } from './texture';
import type { Lamp, Sky } from './vocabulary';

const { atan2, cos, hypot, max, min, PI, sin } = Math;

type Vector = readonly [number, number, number];

export interface View {
  readonly position: Vector;
  readonly target: Vector;
  /** By which the camera is turned about its axis, in radians. */
  readonly roll: number;
}

/** At strength 1. */
const VIEW = { around: PI / 3, lower: 0.14, higher: 0.45, nearer: 0.12, farther: 0.25, aside: 0.6, roll: 0.3 };
/** Lowest and highest elevation of the camera above the ground, in radians. */
const ELEVATIONS = [0.3, 1.2] as const;
/** At strength 1: a turn about the vertical axis, octaves of brightness, part of the light that is colour. */
const LIGHT = { around: PI, octaves: 1.2, skyOctaves: 0.7, colour: 0.55, skyColour: 0.3 };
/** Sizes of the cells of patterns: of the ground in units of the scene, of objects in halves of their height. */
const CELLS = { ground: 0.9, object: 0.6 };

/** In [-amount, amount). */
const draw = (random: RandomStream, amount: number): number => (2 * random.uniform() - 1) * amount;

/** Looks at the origin where nothing is drawn. @param strength 0..1 */
export function moveCamera(random: RandomStream, position: Vector, strength: number): View {
  if (strength === 0) return { position, target: [0, 0, 0], roll: 0 };
  const [x, y, z] = position;
  const azimuth = atan2(y, x) + draw(random, strength * VIEW.around);
  const higher = strength * (random.uniform() * (VIEW.lower + VIEW.higher) - VIEW.lower);
  const elevation = min(ELEVATIONS[1], max(ELEVATIONS[0], atan2(z, hypot(x, y)) + higher));
  const distance = hypot(x, y, z) * (1 + strength * (random.uniform() * (VIEW.nearer + VIEW.farther) - VIEW.nearer));
  const [aside, ahead] = [draw(random, strength * VIEW.aside), draw(random, strength * VIEW.aside)];
  return {
    position: [
      distance * cos(elevation) * cos(azimuth),
      distance * cos(elevation) * sin(azimuth),
      distance * sin(elevation),
    ],
    target: [aside, ahead, 0],
    roll: draw(random, strength * VIEW.roll),
  };
}

/** Light of mean 1 with a random hue. */
function tint(random: RandomStream, saturation: number, brightness: number): Sky {
  const hue = 2 * PI * random.uniform();
  const channel = (i: number): number => brightness * (1 + saturation * cos(hue + (2 * PI * i) / 3));
  return { red: channel(0), green: channel(1), blue: channel(2) };
}

/** @param strength 0..1 */
export function changeLight(
  random: RandomStream,
  lamps: readonly Lamp[],
  sky: Sky,
  strength: number,
): { readonly lamps: readonly Lamp[]; readonly sky: Sky } {
  if (strength === 0) return { lamps, sky };
  const turn = draw(random, strength * LIGHT.around);
  const changed = lamps.map((lamp) => ({
    ...lamp,
    x: lamp.x * cos(turn) - lamp.y * sin(turn),
    y: lamp.x * sin(turn) + lamp.y * cos(turn),
    ...tint(random, strength * LIGHT.colour, 2 ** draw(random, strength * LIGHT.octaves)),
  }));
  const brightness = 2 ** draw(random, strength * LIGHT.skyOctaves);
  return { lamps: changed, sky: tint(random, strength * LIGHT.skyColour, brightness) };
}

/** Null where there is none. */
export function drawGround(random: RandomStream, { ground }: Pick<Knobs, 'ground'>): Texture | null {
  return ground === 0 ? null : new Texture(random, CELLS.ground, 1 - 0.6 * ground, 1 + 0.6 * ground);
}

/** One for each object, or null. */
export function drawTextures(
  random: RandomStream,
  { texture }: Pick<Knobs, 'texture'>,
  count: number,
): readonly (Texture | null)[] {
  return Array.from({ length: count }, () =>
    texture === 0 ? null : new Texture(random, CELLS.object, 1 - 0.8 * texture, 1),
  );
}
