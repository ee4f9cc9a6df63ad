/** What the image functions share. */

/** Statistics of images in [0, 1]: `(x - mean) / std` for each channel, or `(x - rows[y]) / std`. */
export interface Normalization {
  /** Of R, G and B, over all pixels. */
  readonly mean: readonly [number, number, number];
  readonly std: readonly [number, number, number];
  /** Means of each row of pixels of a crop, from the top one on, which are taken off instead of {@link mean}; null or absent: none. */
  readonly rows?: readonly (readonly [number, number, number])[] | null;
}

/** `[height, width]` in pixels. */
export type ImageSize = readonly [number, number];

/** 8-bit RGB, `[height, width, 3]`, row-major. */
export interface RgbImage {
  readonly image: Uint8Array;
  readonly height: number;
  readonly width: number;
}

/** A box in pixels of its image; neither whole numbers nor wholly inside. */
export interface CropBox {
  readonly top: number;
  readonly left: number;
  readonly height: number;
  readonly width: number;
}
