/**
 * The training augmentation: flip, random resized crop, brightness, saturation, hue, normalisation.
 * Source: `augment_train` in the reference's `osc/data/utils.py`.
 */
import type { RandomStream } from '../random';
import { cornerAlignedAxis } from './axis';
import { rowMeans } from './normalize';
import { CROP_ATTEMPTS, randomResizedCropBox } from './random-resized-crop';
import type { CropBox, ImageSize, Normalization, RgbImage } from './types';

/** What is drawn for one crop. */
export interface Augmentation {
  /** Left and right change places, before the crop. */
  readonly flip: boolean;
  readonly box: CropBox;
  /** Added to values in [0, 1], not clipped. */
  readonly brightness: number;
  /** Factor of the HSV saturation. */
  readonly saturation: number;
  /** Turn of the hue, 1 = the whole circle. */
  readonly hue: number;
}

const BRIGHTNESS = 0.2;
const SATURATION = [0.9, 1] as const;
const HUE = 0.05;

/**
 * Draws the augmentation of one view of an image.
 *
 * @param size of the image; @param cropScale smallest and largest area of the crop, relative to the image's
 */
export function drawAugmentation(
  stream: RandomStream,
  size: ImageSize,
  cropScale: readonly [number, number],
): Augmentation {
  const flip = stream.uniform() < 0.5;
  const draws = {
    area: stream.uniforms(CROP_ATTEMPTS),
    ratio: stream.uniforms(CROP_ATTEMPTS),
    top: stream.uniforms(CROP_ATTEMPTS),
    left: stream.uniforms(CROP_ATTEMPTS),
  };
  return {
    flip,
    box: randomResizedCropBox(draws, size, cropScale),
    brightness: (2 * stream.uniform() - 1) * BRIGHTNESS,
    saturation: SATURATION[0] + (SATURATION[1] - SATURATION[0]) * stream.uniform(),
    hue: (2 * stream.uniform() - 1) * HUE,
  };
}

/**
 * Writes one augmented crop, all steps in one pass over its pixels.
 *
 * @param out `[3, h, w]` float32, e.g. a place in a batch
 * @throws RangeError for sizes that do not fit
 */
export function augmentInto(
  out: Float32Array,
  source: RgbImage,
  augmentation: Augmentation,
  cropSize: ImageSize,
  normalize: Normalization,
): void {
  const { image, height, width } = source;
  const [cropHeight, cropWidth] = cropSize;
  const plane = cropHeight * cropWidth;
  if (image.length !== height * width * 3)
    throw new RangeError(`An image of [${height}, ${width}, 3] has not ${image.length} values.`);
  if (out.length !== 3 * plane)
    throw new RangeError(`A crop of [3, ${cropHeight}, ${cropWidth}] does not fit into ${out.length} values.`);

  const { box, brightness, saturation } = augmentation;
  const rows = cornerAlignedAxis(box.top, box.height, height, cropHeight);
  const columns = cornerAlignedAxis(box.left, box.width, width, cropWidth);
  const { low, high, weight: columnWeight } = columns;
  for (let x = 0; x < cropWidth; x++) {
    low[x] = 3 * (augmentation.flip ? width - 1 - low[x]! : low[x]!);
    high[x] = 3 * (augmentation.flip ? width - 1 - high[x]! : high[x]!);
  }

  // (value - mean) / std = value * scale + shift
  const [scaleR, scaleG, scaleB] = normalize.std.map((std) => 1 / std) as [number, number, number];
  const shifts = rowMeans(normalize, cropHeight).map((mean, i) => -mean / normalize.std[i % 3]!);

  // Outside the image a pixel is black before brightness, so grey: saturation and hue do not change it.
  const inside = rows.end - rows.begin === cropHeight && columns.end - columns.begin === cropWidth;
  if (!inside) {
    for (let y = 0, i = 0; y < cropHeight; y++, i += cropWidth) {
      out.fill(brightness * scaleR + shifts[3 * y]!, i, i + cropWidth);
      out.fill(brightness * scaleG + shifts[3 * y + 1]!, plane + i, plane + i + cropWidth);
      out.fill(brightness * scaleB + shifts[3 * y + 2]!, 2 * plane + i, 2 * plane + i + cropWidth);
    }
  }

  const turn = (((augmentation.hue * 6) % 6) + 6) % 6; // in sixths of the circle, [0, 6)
  for (let y = rows.begin; y < rows.end; y++) {
    const top = rows.low[y]! * width * 3;
    const bottom = rows.high[y]! * width * 3;
    const down = rows.weight[y]! / 255;
    const up = (1 - rows.weight[y]!) / 255;
    const shiftR = shifts[3 * y]!;
    const shiftG = shifts[3 * y + 1]!;
    const shiftB = shifts[3 * y + 2]!;
    let target = y * cropWidth + columns.begin;
    for (let x = columns.begin; x < columns.end; x++, target++) {
      const across = columnWeight[x]!;
      const a = top + low[x]!;
      const b = top + high[x]!;
      const c = bottom + low[x]!;
      const d = bottom + high[x]!;
      const upperR = image[a]! + (image[b]! - image[a]!) * across;
      const upperG = image[a + 1]! + (image[b + 1]! - image[a + 1]!) * across;
      const upperB = image[a + 2]! + (image[b + 2]! - image[a + 2]!) * across;
      const lowerR = image[c]! + (image[d]! - image[c]!) * across;
      const lowerG = image[c + 1]! + (image[d + 1]! - image[c + 1]!) * across;
      const lowerB = image[c + 2]! + (image[d + 2]! - image[c + 2]!) * across;
      const red = upperR * up + lowerR * down + brightness;
      const green = upperG * up + lowerG * down + brightness;
      const blue = upperB * up + lowerB * down + brightness;

      // Saturation and hue in one go through the HSV hexagon: the largest channel stays, the chroma is scaled
      // (saturation clamped to [0, 1]), the hue turned.
      let largest = red;
      let smallest = red;
      if (green > largest) largest = green;
      else smallest = green;
      if (blue > largest) largest = blue;
      else if (blue < smallest) smallest = blue;
      const oldChroma = largest - smallest;
      let chroma = largest > 0 ? oldChroma * saturation : 0;
      if (chroma > largest && largest > 0) chroma = largest;
      const base = largest - chroma;

      let hue = turn;
      if (oldChroma > 0) {
        const sixths = 1 / oldChroma;
        if (red === largest) hue += (green - blue) * sixths;
        else if (green === largest) hue += 2 + (blue - red) * sixths;
        else hue += 4 + (red - green) * sixths;
        if (hue < 0) hue += 6;
        else if (hue >= 6) hue -= 6;
      }
      // per channel min(max(|hue - centre| …, 0), 1) of the hexagon
      let r = Math.abs(hue - 3) - 1;
      let g = 2 - Math.abs(hue - 2);
      let bl = 2 - Math.abs(hue - 4);
      r = r < 0 ? 0 : r > 1 ? 1 : r;
      g = g < 0 ? 0 : g > 1 ? 1 : g;
      bl = bl < 0 ? 0 : bl > 1 ? 1 : bl;
      out[target] = (base + r * chroma) * scaleR + shiftR;
      out[target + plane] = (base + g * chroma) * scaleG + shiftG;
      out[target + 2 * plane] = (base + bl * chroma) * scaleB + shiftB;
    }
  }
}
