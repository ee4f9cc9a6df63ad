/**
 * What scenes are made of, with the integer codes of the published "CLEVR with masks" (0 is "no object" everywhere) and
 * the sizes and colours of CLEVR's `properties.json`.
 */

export const SHAPES = ['cube', 'sphere', 'cylinder'] as const;
export const SIZES = ['large', 'small'] as const;
export const MATERIALS = ['rubber', 'metal'] as const;
export const COLORS = ['gray', 'red', 'blue', 'green', 'brown', 'purple', 'cyan', 'yellow'] as const;

/** What objects can be told apart by, in the order of the questions that are asked about CLEVR. */
export const CATEGORIES = [
  { name: 'size', values: SIZES },
  { name: 'color', values: COLORS },
  { name: 'material', values: MATERIALS },
  { name: 'shape', values: SHAPES },
] as const;

export type Category = (typeof CATEGORIES)[number]['name'];

/** Codes are positions in the lists above plus one. */
export const CUBE = 1;
export const SPHERE = 2;
export const METAL = 2;

/** Radius by size code, in scene units. */
export const RADII = [0, 0.7, 0.35] as const;

/** Colour by colour code: linear RGB in 0..255, as Blender takes CLEVR's values. */
export const COLOR_VALUES = [
  [0, 0, 0],
  [87, 87, 87],
  [173, 35, 35],
  [42, 75, 215],
  [29, 105, 20],
  [129, 74, 25],
  [129, 38, 192],
  [41, 208, 208],
  [255, 238, 51],
] as const;

/** One object of a scene, in scene units (the ground is z = 0). */
export interface SceneObject {
  readonly shape: number;
  readonly size: number;
  readonly material: number;
  readonly color: number;
  /** Centre; `z` is the half height: objects stand on the ground. */
  readonly x: number;
  readonly y: number;
  readonly z: number;
  /** About the vertical axis, degrees in [0, 360). */
  readonly rotation: number;
}

/** A lamp: a ball of light whose light falls off with the square of the distance. */
export interface Lamp {
  readonly x: number;
  readonly y: number;
  readonly z: number;
  /** Radius of the ball: how soft its shadows are. */
  readonly radius: number;
  readonly intensity: number;
  /** Of its light: 1 each is white. */
  readonly red: number;
  readonly green: number;
  readonly blue: number;
}

/** Light from all above: 1 each is CLEVR's. */
export type Sky = Pick<Lamp, 'red' | 'green' | 'blue'>;

export const WHITE: Sky = { red: 1, green: 1, blue: 1 };
