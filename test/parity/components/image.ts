import {
  adjustHue,
  adjustSaturation,
  augmentInto,
  cropAndResize,
  prepareTestImage,
  prepareTestMasks,
  randomResizedCropBox,
  type ImageSize,
  type Normalization,
} from 'osc-trainer/sdk/image';
import type { Adapter } from '../adapter';
import { absolute, exact, relative } from '../compare';
import type { Fixture } from '../fixture';
import { answersOf } from './vqa';

/** TensorFlow's augmentation against the numpy restatement of it: up to 1.5e-5 in the fixtures, which say how much. */
function augmentTolerance(fixture: Fixture): number {
  const noise = fixture.scalars['numpy_vs_tf_maxabs'];
  return Math.max(2e-5, typeof noise === 'number' ? 2 * noise : 0);
}

const BOX_TOLERANCE = 2e-6;
const TOLERANCE = 2e-6;

interface CropConfig extends Normalization {
  crop_size: [number, number];
  crop_scale: [number, number];
  ratio: [number, number];
}

const bytes = (fixture: Fixture, name: string): Uint8Array => Uint8Array.from(fixture.get(name).values);
const floats = (fixture: Fixture, name: string): Float32Array => Float32Array.from(fixture.get(name).values);

export const augmentTrain: Adapter = {
  components: ['augment_train'],
  knows: {
    config: ['crop_size', 'crop_scale', 'ratio', 'mean', 'std'],
    tensors: [/^inputs\.(image_u8|u_area|u_logratio|u_i|u_j|ijhw)$/, /^outputs\./],
    scalars: ['flip', 'brightness_delta', 'saturation_factor', 'hue_delta', /_maxabs$/, /^box_/],
  },
  run(fixture) {
    const config = fixture.config as unknown as CropConfig;
    const [height, width] = fixture.get('inputs.image_u8').shape as [number, number, number];
    const image = bytes(fixture, 'inputs.image_u8');
    const recorded = fixture.get('inputs.ijhw').values;
    const drawn = randomResizedCropBox(
      {
        area: floats(fixture, 'inputs.u_area'),
        ratio: floats(fixture, 'inputs.u_logratio'),
        top: floats(fixture, 'inputs.u_i'),
        left: floats(fixture, 'inputs.u_j'),
      },
      [height, width],
      config.crop_scale,
      config.ratio,
    );
    const box = { top: recorded[0]!, left: recorded[1]!, height: recorded[2]!, width: recorded[3]! };

    const unit = Float32Array.from(image, (value) => Math.fround(value * Math.fround(1 / 255)));
    const crop = cropAndResize(unit, [height, width], 3, box, config.crop_size);
    const augmented = new Float32Array(3 * config.crop_size[0] * config.crop_size[1]);
    const augmentation = {
      flip: Boolean(fixture.scalars['flip']),
      box,
      brightness: fixture.scalar('brightness_delta'),
      saturation: fixture.scalar('saturation_factor'),
      hue: fixture.scalar('hue_delta'),
    };
    augmentInto(augmented, { image, height, width }, augmentation, config.crop_size, config);
    const tolerance = augmentTolerance(fixture);
    const values = [drawn.top, drawn.left, drawn.height, drawn.width];
    return [
      relative('inputs.ijhw', values, recorded, BOX_TOLERANCE),
      absolute('outputs.crop_only_noflip', crop, fixture.get('outputs.crop_only_noflip').values, tolerance),
      absolute('outputs.image_chw', augmented, fixture.get('outputs.image_chw').values, tolerance),
    ];
  },
};

export const colorOps: Adapter = {
  components: ['tf.image.adjust_saturation / adjust_hue'],
  knows: { config: ['saturation', 'hue'], tensors: ['inputs.x', /^outputs\./], scalars: [/_err$/] },
  run(fixture) {
    const { saturation, hue } = fixture.config as { saturation: number; hue: number };
    const x = floats(fixture, 'inputs.x');
    return [
      absolute(
        'outputs.saturation',
        adjustSaturation(x, saturation),
        fixture.get('outputs.saturation').values,
        TOLERANCE,
      ),
      absolute('outputs.hue', adjustHue(x, hue), fixture.get('outputs.hue').values, TOLERANCE),
    ];
  },
};

export const prepareTest: Adapter = {
  components: ['prepare_test_segmentation / prepare_test_vqa'],
  knows: {
    config: ['img_size', 'crop_size', 'mean', 'std'],
    tensors: [/^inputs\.(image_u8|mask|visibility|size|color|material|shape)$/, /^outputs\./],
    scalars: ['sum_masks_per_pixel_max'],
  },
  needs: () => [{ kind: 'dataset', name: 'CLEVR10' }],
  async run(fixture, { registry }) {
    const config = fixture.config as unknown as { img_size: ImageSize; crop_size: ImageSize } & Normalization;
    const [height, width] = config.img_size;
    const source = { image: bytes(fixture, 'inputs.image_u8'), height, width };
    const image = prepareTestImage(source, config.crop_size, config);
    const masks = prepareTestMasks(bytes(fixture, 'inputs.mask'), config.img_size, config.crop_size);
    return [
      absolute('outputs.image', image, fixture.get('outputs.image').values, TOLERANCE),
      absolute('outputs.vqa_image', image, fixture.get('outputs.vqa_image').values, TOLERANCE),
      exact('outputs.mask', masks, fixture.get('outputs.mask').values),
      exact('outputs.vqa_target', await answersOf(fixture, registry), fixture.get('outputs.vqa_target').values),
    ];
  },
};
