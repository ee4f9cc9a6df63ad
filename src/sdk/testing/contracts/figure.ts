import * as tf from '@tensorflow/tfjs-core';
import type { TestSample } from '../../contracts/evaluation';
import type { Figure, FigureContext, NoPicture, Picture } from '../../contracts/figure';
import type { BatchOutputs, MaskSource } from '../../contracts/loss';
import { assert, assertEqual } from '../assert';
import { ColourModel, type ColourModelParts } from '../colour-model';
import { randomTensor } from '../gradients';
import { SCENE_NORMALIZATION, testScene } from '../test-scenes';
import type { ContractContext } from './context';

const IMAGES = 3;
/** Pixels of a side. More than this no viewer shows, and a PNG of it takes long. */
const LARGEST_SIDE = 16_384;

interface Setting extends ColourModelParts {
  readonly images?: number;
  readonly withMasks?: boolean;
  readonly masks?: readonly MaskSource[];
}

/** Masks of the image's brightness, not of any learned thing: `[B, S, h / reduce, w / reduce]`. */
function brightnessMasks(name: string, reduce: number): MaskSource {
  return {
    name,
    masks: ({ outputs, images }: BatchOutputs) => {
      const slots = outputs.fSlots?.shape[1] ?? 0;
      assertEqual(outputs.fSlots?.shape[0], images.shape[0], `Rows of the outputs that the source of masks is given`);
      const [, , height, width] = images.shape;
      const bright = tf.transpose(tf.mean<tf.Tensor4D>(images, 1, true), [0, 2, 3, 1]);
      const size: [number, number] = [Math.ceil(height / reduce), Math.ceil(width / reduce)];
      const reduced = tf.transpose<tf.Tensor4D>(tf.image.resizeBilinear(bright, size), [0, 3, 1, 2]);
      return tf.abs(tf.mul<tf.Tensor4D>(reduced, randomTensor<tf.Rank.R4>([1, slots, 1, 1], 41)));
    },
  };
}

/** The same, beside images as dark as half of those that there are. */
function reconstructing(name: string): MaskSource {
  return { ...brightnessMasks(name, 1), reconstruct: ({ images }) => tf.mul(images, 0.5) };
}

/** Contract of `figure`. */
export function figureContract({ runner: { it }, make, dimensions }: ContractContext): void {
  const [height, width] = dimensions.imageSize;

  const scenesOf = (count: number, withMasks: boolean): TestSample[] =>
    Array.from({ length: count }, (_, index) => testScene(index, dimensions.imageSize, withMasks));
  const cropsOf = (count: number): Float32Array[] =>
    Array.from({ length: 2 * count }, (_, row) =>
      Float32Array.from(randomTensor([3, height, width], 100 + row).dataSync()),
    );
  const contextOf = ({ images = IMAGES, withMasks = true, masks = [], ...parts }: Setting = {}) => {
    const model = new ColourModel(dimensions, { backboneMaps: true, ...parts });
    const samples = scenesOf(images, withMasks);
    const crops = tf.tidy(() => cropsOf(images));
    const context: FigureContext = {
      model,
      masks,
      testSamples: () => Promise.resolve(samples),
      validationCrops: () => Promise.resolve(crops),
      count: images,
      normalize: SCENE_NORMALIZATION,
      logger: { error() {}, warn() {}, info() {}, debug() {} },
    };
    return { model, samples, crops, context };
  };
  const draw = async (context: FigureContext, figure = make<Figure>(1)): Promise<Picture | NoPicture> => {
    await figure.check?.(context);
    const drawn = await figure.draw(context);
    assertDrawn(drawn);
    return drawn;
  };

  it('draws a model with slots and attention maps, on images with masks', async () => {
    const drawn = await draw(contextOf({ masks: [reconstructing('l_recon')] }).context);
    assert(
      !('none' in drawn),
      `There is all that a figure can ask for, and it draws nothing: ${JSON.stringify(drawn)}.`,
    );
  });

  const settings: Readonly<Record<string, Setting>> = {
    'a single image': { images: 1 },
    'a model without slots': { usesObjects: false },
    'a model without attention maps of its backbone': { backboneMaps: false },
    'images without masks': { withMasks: false },
    'no images': { images: 0 },
    'masks that losses make': { masks: [brightnessMasks('l_recon', 1), brightnessMasks('l_recon_2', 4)] },
    'two losses that reconstruct': { masks: [reconstructing('l_recon'), reconstructing('l_recon_2')] },
  };
  for (const [what, setting] of Object.entries(settings)) {
    it(`draws ${what}, or says why there is nothing to draw`, async () => {
      await draw(contextOf(setting).context);
    });
  }

  it('draws the same whenever it is asked, and in another instance', async () => {
    const figure = make<Figure>(1);
    const first = await draw(contextOf().context, figure);
    const { context } = contextOf();
    const again = [await draw(context, figure), await draw(context, figure), await draw(context)];
    assert(
      again.every((drawn) => isSame(drawn, first)),
      'The pictures of one model and the same images differ.',
    );
  });

  it('runs the model in evaluation', async () => {
    const { model, context } = contextOf();
    await draw(context);
    assert(
      model.modes.every(({ training }) => !training),
      'The model was called with mode.training.',
    );
  });

  it('leaves the model and the images as they are', async () => {
    const { model, samples, crops, context } = contextOf();
    // what an optimizer without a list of variables would train
    const scale = tf.variable(tf.scalar(1), true);
    try {
      await draw({
        ...context,
        model: {
          dimensions,
          usesObjects: model.usesObjects,
          globalFromSlots: model.globalFromSlots,
          forward: (images, mode, numObjects) => model.forward(tf.mul(images, scale), mode, numObjects),
        },
      });
      assert(!scale.isDisposed, 'A parameter of the model was disposed of.');
      assertEqual(scale.dataSync()[0], 1, 'A parameter of the model');
    } finally {
      scale.dispose();
    }
    const wereSamples = scenesOf(IMAGES, true);
    assert(
      samples.every((sample, i) => isSameScene(sample, wereSamples[i]!)),
      'A test sample was changed; other figures draw the same ones.',
    );
    const wereCrops = tf.tidy(() => cropsOf(IMAGES));
    assert(
      crops.every((crop, i) => bytesOf(crop).equals(bytesOf(wereCrops[i]!))),
      'A crop was changed; other figures draw the same ones.',
    );
  });

  it('leaks no tensor', async () => {
    const figure = make<Figure>(1);
    const { context } = contextOf({ masks: [reconstructing('l_recon')] });
    await draw(context, figure); // what it keeps for later calls, it keeps now
    const before = tf.memory().numTensors;
    await draw(context, figure);
    assertEqual(tf.memory().numTensors - before, 0, 'Tensors left behind by a figure');
  });
}

function assertDrawn(drawn: unknown): asserts drawn is Picture | NoPicture {
  assert(typeof drawn === 'object' && drawn !== null, `draw() should give a picture, and gives ${String(drawn)}.`);
  const { none, svg, width, height, pixels } = drawn as Partial<Record<string, unknown>>;
  if (none !== undefined) {
    assert(
      typeof none === 'string' && /^\S.*[^\s.]$/.test(none),
      `"none" should say why, without a full stop: ${String(none)}.`,
    );
    return;
  }
  if (svg !== undefined) {
    assert(typeof svg === 'string' && /^\s*(<\?xml|<!--|<svg)/.test(svg) && /<\/svg>\s*$/.test(svg), 'This is no SVG.');
    return;
  }
  for (const [name, side] of Object.entries({ width, height })) {
    const isSide = Number.isInteger(side) && (side as number) > 0 && (side as number) <= LARGEST_SIDE;
    assert(isSide, `The ${name} of a picture should be 1 to ${LARGEST_SIDE} pixels, and is ${String(side)}.`);
  }
  assert(pixels instanceof Uint8Array, 'The pixels of a picture should be a Uint8Array.');
  assertEqual(
    pixels.length,
    (width as number) * (height as number) * 3,
    'The number of values in pixels [height, width, 3]',
  );
}

function isSame(a: Picture | NoPicture, b: Picture | NoPicture): boolean {
  if ('none' in a || 'none' in b) return 'none' in a && 'none' in b && a.none === b.none;
  if ('svg' in a || 'svg' in b) return 'svg' in a && 'svg' in b && a.svg === b.svg;
  return a.width === b.width && a.height === b.height && bytesOf(a.pixels).equals(bytesOf(b.pixels));
}

function isSameScene(a: TestSample, b: TestSample): boolean {
  return (
    bytesOf(a.image).equals(bytesOf(b.image)) &&
    bytesOf(a.masks ?? new Uint8Array()).equals(bytesOf(b.masks ?? new Uint8Array())) &&
    bytesOf(a.original.image).equals(bytesOf(b.original.image))
  );
}

function bytesOf({ buffer, byteOffset, byteLength }: Float32Array | Uint8Array): Buffer {
  return Buffer.from(buffer, byteOffset, byteLength);
}
