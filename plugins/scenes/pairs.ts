/** Pairs of colour and shape that a model has never seen, if it is trained without them. */
import type { Knobs } from './knobs';
import { COLORS, SHAPES } from './vocabulary';

/** One shape of each colour, so that every colour and every shape is seen in other pairs; three of cubes and spheres each. */
const isHeldOut = (shape: number, color: number): boolean => (color - 1) % SHAPES.length === shape - 1;

/** Codes of the colours that a shape may have. */
export function colorsOf(shape: number, pairs: Knobs['pairs']): readonly number[] {
  const all = COLORS.map((_, i) => i + 1);
  return pairs === 'all' ? all : all.filter((color) => isHeldOut(shape, color) === (pairs === 'held_out'));
}
