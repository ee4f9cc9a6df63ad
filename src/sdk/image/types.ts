/** What the image functions share. */

/** Per-channel statistics of images in [0, 1]: `(x - mean) / std`. */
export interface Normalization {
  readonly mean: readonly [number, number, number];
  readonly std: readonly [number, number, number];
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
