import fc from 'fast-check';
import { RandomSource } from '../random';
import { adjustBrightness, adjustHue, adjustSaturation } from './color';
import { augmentInto, drawAugmentation } from './augment';
import { cropCentreSquare, prepareTestImage, prepareTestLabels, prepareTestMasks } from './prepare-test';
import { cropAndResize, resizeBilinear } from './resize';
import { normalizeImage, unnormalizeImage } from './normalize';
import { randomResizedCropBox } from './random-resized-crop';
import type { Normalization, RgbImage } from './types';

const NORMALIZE: Normalization = { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] };

/** Means of so many rows, each another one, and another one for each channel. */
const withRows = (height: number): Normalization => ({
  ...NORMALIZE,
  rows: Array.from({ length: height }, (_, y) => [0.1 + 0.02 * y, 0.6 - 0.01 * y, 0.3 + 0.03 * y]),
});

function noise(seed: number, height: number, width: number): RgbImage {
  const stream = new RandomSource(seed).stream('image');
  return { image: Uint8Array.from({ length: height * width * 3 }, () => stream.integer(256)), height, width };
}

/** The same augmentation in separate steps, each tested against the fixtures on its own. */
function stepByStep(
  source: RgbImage,
  augmentation: ReturnType<typeof drawAugmentation>,
  size: readonly [number, number],
) {
  const { image, height, width } = source;
  const pixels = new Float32Array(image.length);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++)
      for (let c = 0; c < 3; c++) {
        const from = augmentation.flip ? width - 1 - x : x;
        pixels[(y * width + x) * 3 + c] = image[(y * width + from) * 3 + c]! / 255;
      }
  const crop = cropAndResize(pixels, [height, width], 3, augmentation.box, size);
  const bright = adjustBrightness(crop, augmentation.brightness);
  const coloured = adjustHue(adjustSaturation(bright, augmentation.saturation), augmentation.hue);
  const plane = size[0] * size[1];
  return Float32Array.from({ length: 3 * plane }, (_, i) => {
    const c = Math.floor(i / plane);
    return (coloured[(i % plane) * 3 + c]! - NORMALIZE.mean[c]!) / NORMALIZE.std[c]!;
  });
}

test('the fused augmentation equals its steps, for any draw, image and size', () => {
  const side = fc.integer({ min: 2, max: 12 });
  fc.assert(
    fc.property(fc.nat(), side, side, side, side, (seed, height, width, h, w) => {
      const source = noise(seed, height, width);
      const stream = new RandomSource(seed).stream('augment');
      const augmentation = drawAugmentation(stream, [height, width], [0.1, 1]);
      const out = new Float32Array(3 * h * w);
      augmentInto(out, source, augmentation, [h, w], NORMALIZE);
      const expected = stepByStep(source, augmentation, [h, w]);
      expect(Math.max(...out.map((value, i) => Math.abs(value - expected[i]!)))).toBeLessThan(2e-5);
    }),
  );
});

test('draws stay in their ranges, and a box sticks out by one pixel at most', () => {
  fc.assert(
    fc.property(fc.nat(), fc.integer({ min: 4, max: 400 }), fc.integer({ min: 4, max: 400 }), (seed, height, width) => {
      const drawn = drawAugmentation(new RandomSource(seed).stream('augment'), [height, width], [0.3, 1]);
      expect(Math.abs(drawn.brightness)).toBeLessThanOrEqual(0.2);
      expect(Math.abs(drawn.hue)).toBeLessThanOrEqual(0.05);
      expect(drawn.saturation).toBeGreaterThanOrEqual(0.9);
      expect(drawn.saturation).toBeLessThanOrEqual(1);
      const { box } = drawn;
      expect(box.height).toBeLessThanOrEqual(height);
      expect(box.width).toBeLessThanOrEqual(width);
      expect(Math.min(box.top, box.left)).toBeGreaterThanOrEqual(0);
      expect(box.top + box.height).toBeLessThan(height + 1.001);
      expect(box.left + box.width).toBeLessThan(width + 1.001);
    }),
  );
});

test('without an attempt that fits the box is the nearest allowed shape', () => {
  const none = {
    area: new Float32Array(),
    ratio: new Float32Array(),
    top: new Float32Array(),
    left: new Float32Array(),
  };
  expect(randomResizedCropBox(none, [30, 6], [0.3, 1])).toEqual({ top: 11, left: 0, height: 8, width: 6 });
  const wide = randomResizedCropBox(none, [6, 30], [0.3, 1]);
  expect([wide.top, wide.left, wide.height, wide.width]).toEqual([0, 22, 6, 8]);
  expect(randomResizedCropBox(none, [10, 10], [0.3, 1])).toEqual({ top: 0, left: 0, height: 10, width: 10 });
});

test('what lies outside the image is black before brightness', () => {
  const white = { image: new Uint8Array(4 * 4 * 3).fill(255), height: 4, width: 4 };
  const box = { top: 0.9, left: 0, height: 4, width: 4 };
  const out = new Float32Array(3 * 4 * 4);
  const same: Normalization = { mean: [0, 0, 0], std: [1, 1, 1] };
  augmentInto(out, white, { flip: false, box, brightness: 0.1, saturation: 1, hue: 0 }, [4, 4], same);
  const rows = [0, 1, 2, 3].map((y) => out[4 * y]!);
  [1.1, 1.1, 1.1, 0.1].forEach((value, y) => expect(rows[y]).toBeCloseTo(value, 5));
});

test('resizing to the same size changes nothing; half the size averages pairs', () => {
  const source = Float32Array.from([1, 2, 3, 4, 5, 6, 7, 8]);
  expect(resizeBilinear(source, [2, 4], 1, [2, 4])).toEqual(source);
  expect(Array.from(resizeBilinear(source, [2, 4], 1, [1, 2]))).toEqual([3.5, 5.5]);
  expect(() => resizeBilinear(source, [3, 4], 1, [1, 2])).toThrow(RangeError);
});

test('normalised images come back', () => {
  const { image } = noise(1, 4, 5);
  const hwc = normalizeImage(image, NORMALIZE);
  const chw = Float32Array.from({ length: 60 }, (_, i) => hwc[(i % 20) * 3 + Math.floor(i / 20)]!);
  expect(unnormalizeImage(chw, [4, 5], NORMALIZE)).toEqual(image);
});

describe('means of rows', () => {
  const normalize = withRows(6);
  /** The value that row y has where a mean is taken off, from the one without. */
  const ofRow = (value: number, y: number, c: number): number =>
    value - (normalize.rows![y]![c]! - NORMALIZE.mean[c]!) / NORMALIZE.std[c]!;
  const eachRow = (image: Float32Array): Float32Array =>
    image.map((value, i) => ofRow(value, Math.floor((i % 36) / 6), Math.floor(i / 36)));
  const close = (image: Float32Array, expected: Float32Array): void => {
    expect(Math.max(...image.map((value, i) => Math.abs(value - expected[i]!)))).toBeLessThan(1e-5);
  };

  test('are taken off a test image once it is resized, and come back', () => {
    const source = noise(3, 6, 9);
    close(prepareTestImage(source, [6, 6], normalize), eachRow(prepareTestImage(source, [6, 6], NORMALIZE)));
    const image = prepareTestImage(noise(3, 13, 9), [6, 6], normalize);
    close(image, eachRow(prepareTestImage(noise(3, 13, 9), [6, 6], NORMALIZE)));
    const square = prepareTestImage(source, [6, 6], normalize);
    expect(unnormalizeImage(square, [6, 6], normalize)).toEqual(cropCentreSquare(source).image);
  });

  test('are taken off a training crop, inside and outside of the image', () => {
    const source = noise(4, 8, 8);
    const box = { top: -2, left: -1, height: 9, width: 9 };
    const crop = (how: Normalization): Float32Array => {
      const out = new Float32Array(3 * 36);
      augmentInto(out, source, { flip: true, box, brightness: 0.1, saturation: 0.9, hue: 0.02 }, [6, 6], how);
      return out;
    };
    close(crop(normalize), eachRow(crop(NORMALIZE)));
  });

  test('are of one crop height', () => {
    const message = 'Means of 6 rows of pixels do not fit an image of 4.';
    expect(() => prepareTestImage(noise(3, 6, 9), [4, 4], normalize)).toThrow(message);
    expect(() => unnormalizeImage(new Float32Array(48), [4, 4], normalize)).toThrow(message);
    const flat = { flip: false, box: { top: 0, left: 0, height: 6, width: 6 }, brightness: 0, saturation: 1, hue: 0 };
    expect(() => augmentInto(new Float32Array(48), noise(3, 6, 9), flat, [4, 4], normalize)).toThrow(message);
  });
});

test('the centre square of a wide and of a tall image, and masks on the same grid', () => {
  const wide = noise(2, 2, 5);
  const square = cropCentreSquare(wide);
  expect([square.height, square.width]).toEqual([2, 2]);
  expect(Array.from(square.image.subarray(0, 6))).toEqual(Array.from(wide.image.subarray(3, 9)));
  const masks = Uint8Array.from([255, 0, 0, 0, 0, 255, 0, 0, 0, 0, /* second */ 0, 0, 255, 0, 0, 0, 0, 0, 0, 0]);
  expect(Array.from(prepareTestMasks(masks, [2, 5], [2, 2]))).toEqual([0, 0, 0, 0, 0, 1, 0, 0]);
});

test('labels are a partition of the centre square: nearest pixel, the last mask before others, -1 for none', () => {
  // [3, 2, 5]: background, two objects; the centre square is columns 1 and 2
  const background = [1, 1, 0, 1, 1, 1, 1, 0, 1, 1];
  const object = [0, 1, 0, 0, 0, 0, 0, 0, 0, 0];
  const other = [0, 0, 0, 1, 1, 1, 0, 1, 0, 0];
  const masks = Uint8Array.from([...background, ...object, ...other], (value) => 255 * value);
  expect(Array.from(prepareTestLabels(masks, [2, 5], [2, 2]))).toEqual([1, -1, 0, 2]);
  expect(Array.from(prepareTestLabels(masks, [2, 5], [4, 4]))).toEqual([
    1, 1, -1, -1, 1, 1, -1, -1, 0, 0, 2, 2, 0, 0, 2, 2,
  ]);
  expect(Array.from(prepareTestLabels(masks, [2, 5], [1, 1]))).toEqual([2]); // of an even number the pixel below, right
});

test('an output that does not have the size of the crop is a mistake', () => {
  const source = noise(3, 4, 4);
  const drawn = drawAugmentation(new RandomSource(3).stream('augment'), [4, 4], [0.3, 1]);
  expect(() => augmentInto(new Float32Array(5), source, drawn, [2, 2], NORMALIZE)).toThrow(RangeError);
});
