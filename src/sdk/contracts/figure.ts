/** Contract of a figure: one picture of a model and some images. */
import type * as tf from '@tensorflow/tfjs-core';
import type { Logger } from '../logger';
import type { Normalization } from '../image';
import type { MaskSource } from './loss';
import type { Mode } from '../module';
import type { TestSample } from './evaluation';
import type { Dimensions, ModelOutputs } from './model';

/** A model that is looked at, not trained. */
export interface ViewedModel {
  readonly dimensions: Dimensions;
  /** False: the outputs have no slots. */
  readonly usesObjects: boolean;
  /** The global representation is made of the slots. */
  readonly globalFromSlots: boolean;
  /** @param images `[B, 3, h, w]`, normalised */
  forward(images: tf.Tensor4D, mode: Mode, numObjects?: number): ModelOutputs;
}

export interface FigureContext {
  readonly model: ViewedModel;
  /** Masks of slots beside attention, one source for each loss that makes some. */
  readonly masks: readonly MaskSource[];
  /**
   * The first images of the test split, at most {@link count}, as evaluators see them; the same ones every time.
   *
   * @throws UsageError and RunError for a data set that is not there or cannot be read
   */
  testSamples(): Promise<readonly TestSample[]>;
  /**
   * Two crops of each of the first validation images, at most {@link count}, `[3, h, w]` each, those of an image side by side;
   * the same ones every time.
   *
   * @throws as {@link testSamples}
   */
  validationCrops(): Promise<readonly Float32Array[]>;
  /** `data.viz.max_samples`: images to draw. */
  readonly count: number;
  /** How crops and samples were normalised; `unnormalizeImage` takes it back. */
  readonly normalize: Normalization;
  readonly logger: Logger;
}

/**
 * What a figure draws: pixels `[height, width, 3]`, 8-bit RGB, as a `Canvas` has them; or SVG, which is drawn on white where it
 * says nothing else.
 */
export type Picture =
  { readonly width: number; readonly height: number; readonly pixels: Uint8Array } | { readonly svg: string };

/** There is nothing to draw of this model and data set. */
export interface NoPicture {
  /** Why, as the rest of a sentence: `the model has no slots`. It is told, and the figure is not asked again. */
  readonly none: string;
}

/**
 * Kind `figure`, listed in `data.viz.figures`. Its constructor may ask for `OPTIONS`, `DIMENSIONS`, `RANDOM` and `LOGGER`. A figure
 * that throws while it draws is reported once and left out of the run.
 */
export interface Figure {
  /**
   * Called once before training begins. One that asks here for the images it needs finds out before hours of work that they are
   * not there.
   *
   * @throws UsageError for what the user can mend: it is told, and there is no run
   */
  check?(context: FigureContext): Promise<void>;
  /** Draws the model as it is now. It is run in evaluation, and what was made is disposed of. */
  draw(context: FigureContext): Promise<Picture | NoPicture>;
}
