import * as tf from '@tensorflow/tfjs-core';
import {
  component,
  DIMENSIONS,
  inject,
  Module,
  NORMALIZATION,
  OPTIONS,
  RANDOM,
  requireSlots,
  type BatchOutputs,
  type Dimensions,
  type Loss,
  type LossInputs,
  type Mode,
  type RandomSource,
  type Reduction,
} from 'osc-trainer/sdk';
import type { Normalization } from 'osc-trainer/sdk/image';
import { softmax } from 'osc-trainer/sdk/ops';
import { cellsOf, fromCells, toCells, type Cells } from './cells';
import { ColorRange, paintPixels, PlainColors } from './colors';
import { BroadcastDecoder, FcDecoder, type Decoder } from './decoders';
import { options, type SlotMixtureOptions } from './options';

/** Keeps the logarithm of an empty slot's area finite. */
const LEAST_AREA = 1e-6;

/** An image as slots make it, pixels in the order of cells. */
interface Painted {
  /** `[B, S, P]`, a distribution over slots at each pixel. */
  readonly masks: tf.Tensor3D;
  /** `[B, 3, P]`, normalised. */
  readonly image: tf.Tensor3D;
}

/**
 * Mean squared error of an image painted by the slots, each in a plain colour where its mask is, so that masks alone carry shape;
 * and the entropy of the slots' areas. `none` gives `[2B]`.
 *
 * Parameters `decoder.*` (masks) and `colors.mlp.*`.
 */
@component({
  kind: 'loss',
  name: 'slot-mixture',
  key: 'l_recon',
  summary: 'Reconstruction: each slot paints a plain colour where its mask is',
  options,
  reference:
    'masks of slots mixed as in Locatello et al. 2020, arXiv:2006.15055, and Watters et al. 2019, arXiv:1901.07017 (spatial broadcast); plain colours as in Bear et al. 2020, arXiv:2006.12373',
})
export class SlotMixtureLoss extends Module implements Loss {
  readonly usesObjects = true;
  readonly #cells: Cells;
  readonly #range: ColorRange;
  readonly #decoder: Decoder;
  readonly #colors: PlainColors | null;

  /** @throws UsageError for cells that do not fit the image */
  constructor(
    @inject(OPTIONS) private readonly options: SlotMixtureOptions,
    @inject(DIMENSIONS) { embedDim: width, imageSize }: Pick<Dimensions, 'embedDim' | 'imageSize'>,
    @inject(NORMALIZATION) { mean, std }: Normalization,
    @inject(RANDOM) random: RandomSource,
  ) {
    super();
    const { color, decoder, hidden, cell } = options;
    const cells = cellsOf(imageSize, cell);
    this.#cells = cells;
    this.#range = new ColorRange(mean, std);
    const Chosen = decoder === 'fc' ? FcDecoder : BroadcastDecoder;
    const config = { width, hidden, cells, pixelColors: color === 'pixel' };
    this.#decoder = this.child('decoder', new Chosen(config, random.scope('decoder')));
    this.#colors = null;
    if (color !== 'pixel') {
      const plane = color === 'affine' ? cells : null;
      const colors = new PlainColors(width, hidden, this.#range, plane, random.scope('colors'));
      this.#colors = this.child('colors', colors);
    }
  }

  compute({ outputs, images, mode, log }: LossInputs, reduction: Reduction): tf.Tensor {
    const { masks, image } = this.#paint({ outputs, mode });
    const error = tf.mean(tf.squaredDifference(image, toCells(images, this.#cells)), [1, 2]);
    const areas = tf.mean(masks, 2); // [2B, S]
    const entropy = tf.neg(tf.sum(tf.mul(areas, tf.log(tf.add(areas, LEAST_AREA))), 1));
    log('mse', tf.mean<tf.Scalar>(error));
    log('area_entropy', tf.mean<tf.Scalar>(entropy));
    if (!mode.training) log('mask_entropy', maskEntropy(masks));
    const each = tf.add(error, tf.mul(entropy, this.#entropyWeight(mode)));
    if (reduction === 'none') return each;
    return reduction === 'sum' ? tf.sum(each) : tf.mean(each);
  }

  masks(batch: BatchOutputs): tf.Tensor4D {
    return fromCells(this.#paint(batch).masks, this.#cells);
  }

  reconstruct(batch: BatchOutputs): tf.Tensor4D {
    return fromCells(this.#paint(batch).image, this.#cells);
  }

  #paint({ outputs, mode }: Pick<BatchOutputs, 'outputs' | 'mode'>): Painted {
    const { fSlots } = requireSlots('slot-mixture', outputs);
    const { logits, colors } = this.#decoder.forward(fSlots);
    const masks = softmax(logits, 1);
    const image =
      this.#colors === null ? paintPixels(colors!, masks, this.#range) : this.#colors.paint(fSlots, masks, mode);
    return { masks, image };
  }

  /** Outside of a training step, training counts as done. */
  #entropyWeight({ progress = 1 }: Mode): number {
    const { area_entropy: weight, area_entropy_from: from, area_entropy_over: over } = this.options;
    if (progress >= from + over) return weight;
    return weight * Math.max(0, (progress - from) / over);
  }
}

/** Mean over pixels of the entropy of their masks, as a part of the largest possible: 0 where each pixel is one slot's alone. */
function maskEntropy(masks: tf.Tensor3D): tf.Scalar {
  const [rows, numSlots, pixels] = masks.shape;
  const entropy = tf.neg(tf.sum(tf.mul(masks, tf.log(tf.add(masks, LEAST_AREA)))));
  return tf.div(entropy, rows * pixels * Math.log(Math.max(numSlots, 2)));
}
