/** Contract of a figure: one picture of a model and some images. */
import type * as tf from '@tensorflow/tfjs-core';
import type { Logger } from '../logger';
import type { Normalization } from '../image';
import type { BatchOutputs } from './loss';
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

/** Masks of slots that a loss makes (`Loss.masks`). */
export interface MaskSource {
  /** Key of the loss: `l_recon`. */
  readonly name: string;
  /** @returns `[B, S, H, W]` of the image or of the patch grid */
  masks(batch: BatchOutputs): tf.Tensor4D;
}

export interface FigureContext {
  readonly model: ViewedModel;
  /** Masks of slots beside attention, one source for each loss that makes some. */
  readonly masks: readonly MaskSource[];
  /** The first images of the test split, at most {@link count}, as evaluators see them; the same ones every time. */
  testSamples(): Promise<readonly TestSample[]>;
  /** Two crops of each of the first validation images, `[3, h, w]` each, side by side; the same ones every time. */
  validationCrops(): Promise<readonly Float32Array[]>;
  /** `data.viz.max_samples`: images to draw. */
  readonly count: number;
  /** How crops and samples were normalised; `unnormalizeImage` takes it back. */
  readonly normalize: Normalization;
  readonly logger: Logger;
}

/** What a figure draws: pixels `[height, width, 3]`, 8-bit RGB; or SVG, which is drawn on white where it says nothing else. */
export type Picture =
  { readonly width: number; readonly height: number; readonly pixels: Uint8Array } | { readonly svg: string };

/** Kind `figure`, listed in `data.viz.figures`. A figure that throws is reported once and left out of the run. */
export interface Figure {
  /** @returns null where there is nothing to draw of this model and data set */
  draw(context: FigureContext): Promise<Picture | null>;
}
