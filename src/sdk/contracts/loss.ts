/** Contract of a loss: what training makes small. */
import type * as tf from '@tensorflow/tfjs-core';
import type { Mode } from '../module';
import type { ModelOutputs } from './model';

export type Reduction = 'mean' | 'sum' | 'none';

/** A batch, seen by the model. */
export interface BatchOutputs {
  readonly outputs: ModelOutputs;
  /** `[2B, 3, H, W]`, normalised, A-major: rows i and i + B are two views of an image. */
  readonly images: tf.Tensor4D;
  /** Training or evaluation, and the index of the batch. */
  readonly mode: Mode;
}

/** What a loss reads. */
export interface LossInputs extends BatchOutputs {
  /**
   * Logs a further metric of this batch, `KEY/NAME/train` or `KEY/NAME/val`: a number that is known, or a scalar tensor that is
   * read when the batch is done.
   */
  readonly log: (name: string, value: tf.Scalar | number) => void;
}

/**
 * Kind `loss`, chosen at any key of `losses`. One that extends {@link Module} has parameters of its own: they are trained,
 * saved and resumed with the model's, under `losses.KEY.NAME`, and are no part of an export. Its constructor may ask for
 * `OPTIONS`, `DIMENSIONS`, `NORMALIZATION`, `RANDOM` and `LOGGER`.
 */
export interface Loss {
  /** The loss reads slots: choosing it for an architecture without slots is a UsageError. */
  readonly usesObjects: boolean;
  /**
   * @returns a scalar, or with `none` one value per sample, in a shape of the loss's own (e.g. `[2B]`, `[2B, S]`)
   */
  compute(inputs: LossInputs, reduction: Reduction): tf.Tensor;
  /**
   * Masks that the loss makes of the slots, for evaluators and figures, beside those of attention: `[2B, S, H, W]` with H and W
   * of the image or of the patch grid, not negative; where a pixel's masks are compared, the largest one takes it.
   */
  masks?(batch: BatchOutputs): tf.Tensor4D;
  /** The images as the loss makes them of the slots, beside {@link masks}: `[2B, 3, H, W]`, normalised as the images are. */
  reconstruct?(batch: BatchOutputs): tf.Tensor4D;
}

/** Masks of slots that a loss makes (`Loss.masks`), and the images that it makes of them, if any (`Loss.reconstruct`). */
export interface MaskSource {
  /** Key of the loss: `l_recon`. */
  readonly name: string;
  /**
   * @param batch any number of images B, each by itself: rows are not pairs of views
   * @returns `[B, S, H, W]` of the image or of the patch grid
   */
  masks(batch: BatchOutputs): tf.Tensor4D;
  /**
   * @param batch as for {@link masks}
   * @returns `[B, 3, H, W]`, normalised
   */
  reconstruct?(batch: BatchOutputs): tf.Tensor4D;
}
