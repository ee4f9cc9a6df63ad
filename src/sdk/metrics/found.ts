/** Which objects are found, in all and by size. */

/** An object of an image, and the slot that covers it best. */
export interface ObjectOverlap {
  /** Number of its mask. */
  readonly label: number;
  /** Its share of the image's pixels. */
  readonly area: number;
  /** Intersection over union with the region of the best slot. */
  readonly overlap: number;
}

/** Above one half, no two objects can have one region, and no object two. */
const FOUND = 0.5;

/** Sizes of objects by their share of the image: `least <= area < limit`. At 64x64 pixels the limits are 41 and 123 pixels. */
export const OBJECT_SIZES = {
  small: { least: 0, limit: 0.01 },
  medium: { least: 0.01, limit: 0.03 },
  large: { least: 0.03, limit: Infinity },
} as const;

export type ObjectSize = keyof typeof OBJECT_SIZES;

export function objectSize({ area }: Pick<ObjectOverlap, 'area'>): ObjectSize {
  const { small, medium } = OBJECT_SIZES;
  if (area < small.limit) return 'small';
  return area < medium.limit ? 'medium' : 'large';
}

/**
 * The share of objects that a slot covers with an intersection over union above 0.5: such a slot has this object and no
 * other one. NaN for no objects. A mask that is one pixel too wide all round loses a square of 4 pixels (0.44) and not one of
 * 8 (0.64): read it by size.
 */
export function shareFound(objects: readonly Pick<ObjectOverlap, 'overlap'>[]): number {
  return objects.filter(({ overlap }) => overlap > FOUND).length / objects.length;
}
