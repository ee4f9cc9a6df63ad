/** Means and deviations of the training images, so that what a probe learns depends on no scale. */
import type { ObjectProperties, SceneSlots } from './scene-slots';

interface Moments {
  readonly mean: number;
  /** 1 where all values are one. */
  readonly deviation: number;
}

function momentsOf(values: readonly number[]): Moments {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
  return { mean, deviation: Math.sqrt(variance) || 1 };
}

/** @returns of a position, x and y less their means and divided by their deviations */
export function positionScale(objects: readonly ObjectProperties[]) {
  const moments = [0, 1].map((axis) => momentsOf(objects.map(({ position }) => position[axis]!)));
  const scaled = (value: number, { mean, deviation }: Moments): number => (value - mean) / deviation;
  return ([x, y]: readonly [number, number]) => [scaled(x, moments[0]!), scaled(y, moments[1]!)] as const;
}

/**
 * The same for each feature of the slots.
 *
 * @param width C
 */
export function slotScale(scenes: readonly SceneSlots[], width: number): (scene: SceneSlots) => SceneSlots {
  const [mean, square] = [new Float64Array(width), new Float64Array(width)];
  const numSlots = scenes.reduce((sum, { slots }) => sum + slots.length / width, 0);
  for (const { slots } of scenes) slots.forEach((value, i) => (mean[i % width]! += value / numSlots));
  for (const { slots } of scenes) {
    slots.forEach((value, i) => (square[i % width]! += (value - mean[i % width]!) ** 2 / numSlots));
  }
  const deviation = square.map((value) => Math.sqrt(value) || 1);
  return (scene) => ({
    ...scene,
    slots: scene.slots.map((value, i) => (value - mean[i % width]!) / deviation[i % width]!),
  });
}
