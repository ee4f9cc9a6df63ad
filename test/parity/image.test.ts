/** The image functions against the fixtures recorded from the reference (TensorFlow). */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  adjustHue,
  adjustSaturation,
  augmentInto,
  cropAndResize,
  type ImageSize,
  type Normalization,
  prepareTestImage,
  prepareTestMasks,
  randomResizedCropBox,
} from '../../src/sdk';

const FIXTURES = join(__dirname, '../../../shared/parity/fixtures');
/** Distance of the numpy restatement from TensorFlow, largest of the fixtures: 1.5e-5. */
const TOLERANCE = 2e-5;

interface Fixture {
  readonly config: Record<string, unknown>;
  readonly tensors: Record<string, { shape: number[]; f32?: string; i32?: string }>;
  readonly scalars: Record<string, number | boolean>;
}

function open(name: string) {
  const fixture = JSON.parse(readFileSync(join(FIXTURES, `${name}.json`), 'utf8')) as Fixture;
  const bytes = (text: string): ArrayBuffer => new Uint8Array(Buffer.from(text, 'base64')).buffer;
  return {
    f32: (key: string) => new Float32Array(bytes(fixture.tensors[key]!.f32!)),
    u8: (key: string) => Uint8Array.from(new Int32Array(bytes(fixture.tensors[key]!.i32!))),
    shape: (key: string) => fixture.tensors[key]!.shape,
    scalar: (key: string) => Number(fixture.scalars[key]),
    config: fixture.config,
    cropSize: fixture.config['crop_size'] as ImageSize,
    normalize: fixture.config as unknown as Normalization,
  };
}

function largestDifference(actual: Float32Array, expected: Float32Array): number {
  expect(actual.length).toBe(expected.length);
  return actual.reduce((worst, value, i) => Math.max(worst, Math.abs(value - expected[i]!)), 0);
}

const suite = existsSync(FIXTURES) ? describe : describe.skip;

suite.each(['augment_train_0_24x32', 'augment_train_1_20x20', 'augment_train_2_30x6'])('%s', (name) => {
  const fixture = open(name);
  const [height, width] = fixture.shape('inputs.image_u8') as [number, number, number];
  const image = fixture.u8('inputs.image_u8');
  const [top, left, h, w] = fixture.f32('inputs.ijhw') as unknown as [number, number, number, number];
  const box = { top, left, height: h, width: w };

  test('the box of the crop', () => {
    const draws = {
      area: fixture.f32('inputs.u_area'),
      ratio: fixture.f32('inputs.u_logratio'),
      top: fixture.f32('inputs.u_i'),
      left: fixture.f32('inputs.u_j'),
    };
    const drawn = randomResizedCropBox(draws, [height, width], fixture.config['crop_scale'] as [number, number]);
    const values = Float32Array.of(drawn.top, drawn.left, drawn.height, drawn.width);
    expect(largestDifference(values, fixture.f32('inputs.ijhw'))).toBeLessThan(TOLERANCE);
  });

  test('crop and resize', () => {
    const unit = Float32Array.from(image, (value) => Math.fround(value * Math.fround(1 / 255)));
    const crop = cropAndResize(unit, [height, width], 3, box, fixture.cropSize);
    expect(largestDifference(crop, fixture.f32('outputs.crop_only_noflip'))).toBeLessThan(TOLERANCE);
  });

  test('the whole augmentation', () => {
    const out = new Float32Array(3 * fixture.cropSize[0] * fixture.cropSize[1]);
    const augmentation = {
      flip: fixture.scalar('flip') === 1,
      box,
      brightness: fixture.scalar('brightness_delta'),
      saturation: fixture.scalar('saturation_factor'),
      hue: fixture.scalar('hue_delta'),
    };
    augmentInto(out, { image, height, width }, augmentation, fixture.cropSize, fixture.normalize);
    expect(largestDifference(out, fixture.f32('outputs.image_chw'))).toBeLessThan(TOLERANCE);
  });
});

suite('color_ops_0', () => {
  test('saturation and hue of values outside [0, 1] too', () => {
    const fixture = open('color_ops_0');
    const x = fixture.f32('inputs.x');
    const saturated = adjustSaturation(x, fixture.config['saturation'] as number);
    expect(largestDifference(saturated, fixture.f32('outputs.saturation'))).toBeLessThan(2e-6);
    const turned = adjustHue(x, fixture.config['hue'] as number);
    expect(largestDifference(turned, fixture.f32('outputs.hue'))).toBeLessThan(2e-6);
  });
});

suite('prepare_test_0', () => {
  test('image and masks of a test sample', () => {
    const fixture = open('prepare_test_0');
    const size = fixture.config['img_size'] as ImageSize;
    const source = { image: fixture.u8('inputs.image_u8'), height: size[0], width: size[1] };
    const image = prepareTestImage(source, fixture.cropSize, fixture.normalize);
    expect(largestDifference(image, fixture.f32('outputs.image'))).toBeLessThan(2e-6);
    expect(largestDifference(image, fixture.f32('outputs.vqa_image'))).toBeLessThan(2e-6);
    const masks = prepareTestMasks(fixture.u8('inputs.mask'), size, fixture.cropSize);
    expect(masks).toEqual(fixture.u8('outputs.mask'));
  });
});
