/** By what scenes can be made unlike CLEVR's, one thing at a time. The defaults change nothing, to the byte. */

export interface Knobs {
  /** Which pairs of colour and shape objects may have. */
  readonly pairs: 'all' | 'seen' | 'held_out';
  /** How likely an object is put in front of another one or behind it; 0: none hides another; null: by chance, as in CLEVR. */
  readonly occlusion: number | null;
  /** How far lamps leave CLEVR's places, brightness and white, 0..1. */
  readonly light: number;
  /** How far the camera leaves CLEVR's place, 0..1. */
  readonly camera: number;
  /** Contrast of a pattern on the ground, 0..1. */
  readonly ground: number;
  /** Contrast of patterns on objects, 0..1. */
  readonly texture: number;
}

export const AS_CLEVR: Knobs = { pairs: 'all', occlusion: null, light: 0, camera: 0, ground: 0, texture: 0 };

const NAMES = Object.keys(AS_CLEVR) as (keyof Knobs)[];

/** Those that are not as in CLEVR: scenes that are have the same name in the cache as before there were knobs. */
export function turnedKnobs(knobs: Knobs): Partial<Knobs> {
  return Object.fromEntries(NAMES.filter((name) => knobs[name] !== AS_CLEVR[name]).map((name) => [name, knobs[name]]));
}
