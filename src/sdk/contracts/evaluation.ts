/** Contract of an evaluator: what is measured on the test split, while training and after it. */
import type * as tf from '@tensorflow/tfjs-core';
import type { z } from 'zod';
import type { CurvePoint } from '../metrics';
import type { Logger, Progress } from '../logger';
import type { Mode } from '../module';
import type { CategoricalAttribute, DatasetVariation, Sample, VariationLevel } from './data';
import type { MaskSource } from './loss';
import type { Dimensions, ModelOutputs } from './model';

/** A sample of the test split as evaluation and figures see it: the largest centred square, resized. */
export interface TestSample {
  /** In the split. */
  readonly index: number;
  /** `[3, h, w]`, normalised; `unnormalizeImage` makes RGB of it. */
  readonly image: Float32Array;
  /** `[K, h, w]`, 0 or 1, background first; null where the split has images only. Masks may overlap at borders. */
  readonly masks: Uint8Array | null;
  /** K, 0 without masks. */
  readonly numMasks: number;
  /** `[K]`, 0 or 1: which masks are of something in the scene; null where the data set does not say. */
  readonly visibility: Uint8Array | null;
  /** As decoded: 8-bit image, masks and attributes at their full size. */
  readonly original: Sample;
}

export interface PlotAxis {
  readonly label: string;
  readonly range: readonly [from: number, to: number];
  /** Where the axis is marked, and how; default: at five places, with their numbers. */
  readonly ticks?: readonly { readonly at: number; readonly label: string }[];
}

/** Curves over one pair of axes. */
export interface CurvePlot {
  /** Of its file, unlike that of any other evaluator: lower-case letters, digits and hyphens, like `vqa-roc`. */
  readonly name: string;
  readonly x: PlotAxis;
  readonly y: PlotAxis;
  /** Their points are joined by straight lines. */
  readonly curves: readonly { readonly label: string; readonly points: readonly CurvePoint[] }[];
}

/** Prepared samples of the test split. */
export interface TestSplit {
  /** From the start, in the order of the split, one sample in memory at a time. */
  samples(): AsyncIterable<TestSample>;
  /** How many {@link samples} there are, if none is broken. */
  readonly numSamples: number;
}

/** The data set with other options. */
export interface DatasetVariants {
  /**
   * In what the data set can be varied.
   *
   * @param numSamples test samples that will be read of each variant
   * @throws UsageError for a data set that cannot be, with the names of those that can
   */
  variations(numSamples: number): Promise<readonly DatasetVariation[]>;
  /**
   * The first samples of the test split with other options over the data set's own. What has to be generated is generated
   * now, with progress.
   *
   * @throws UsageError for options that it does not take
   */
  open(options: VariationLevel['options'], numSamples: number): Promise<TestSplit>;
}

export interface EvaluationContext extends TestSplit {
  readonly model: {
    readonly dimensions: Dimensions;
    /** False: the outputs have no slots. */
    readonly usesObjects: boolean;
    /** @param images `[B, 3, h, w]` */
    forward(images: tf.Tensor4D, mode: Mode, numObjects?: number): ModelOutputs;
  };
  /** Masks of slots beside attention, one source for each loss that makes some. */
  readonly masks: readonly MaskSource[];
  /** What the objects of the data set can be told apart by; empty where it does not say. */
  readonly categories: readonly CategoricalAttribute[];
  /** `training.batch_size` */
  readonly batchSize: number;
  /** Absent where the samples are of no data set. */
  readonly variants?: DatasetVariants;
  /**
   * The model as it was before training: same config and seed, drawn weights, with the masks that its losses make then. Built for
   * the call and freed after it. Absent where there is nothing to build it from.
   */
  readonly untrained?: <T>(use: (untrained: Pick<EvaluationContext, 'model' | 'masks'>) => Promise<T>) => Promise<T>;
  /**
   * A value that is a function of its key: computed, or as it was kept in this run or in the user's cache folder. Absent where
   * nothing is kept.
   *
   * @param schema of the value, which is plain JSON: what was kept and does not fit is computed again
   */
  readonly remember?: <T>(key: string, schema: z.ZodType<T>, compute: () => Promise<T>) => Promise<T>;
  /** Has a plot drawn beside the metrics; absent where nobody looks at one. */
  readonly plot?: (plot: CurvePlot) => void;
  readonly progress: Progress;
  readonly logger: Logger;
}

/** What a metric is, for those who show it, rank by it or choose a checkpoint by it. */
export interface MetricDescription {
  /** For people, in a few words: `FG-ARI`. */
  readonly label: string;
  /** Null where neither is: a figure of the data, to compare others with. */
  readonly better: 'higher' | 'lower' | null;
  /** One of the few that tell at a glance what a model has learned: it stands in the summary of a run. */
  readonly headline?: boolean;
  /** Its place in the table of its evaluator: what is compared stands in one column. */
  readonly table?: { readonly row: string; readonly column: string };
  /**
   * A figure to compare others with, which training does not change (blind baselines, the untrained model): kept with every
   * evaluation, and not sent to trackers again and again.
   */
  readonly baseline?: boolean;
}

/** Kind `evaluator`. */
export interface Evaluator {
  /** What its metrics are, by the names that {@link evaluate} gives them. One that is not here has no label and no better. */
  readonly metrics?: Readonly<Record<string, MetricDescription>>;
  /**
   * Called once before any work starts; looks at as little of the data as will do.
   *
   * @throws UsageError for a model or a data set that it cannot measure
   */
  check?(context: EvaluationContext): Promise<void>;
  /**
   * @returns metrics by the names they are logged under, e.g. `test/iou/by_img_no_bg`; one that is not defined on this
   *   data is left out
   */
  evaluate(context: EvaluationContext): Promise<Readonly<Record<string, number>>>;
  /** What the numbers that {@link evaluate} gave mean, in a sentence or two for people; it is kept and shown with them. */
  conclude?(metrics: Readonly<Record<string, number>>): string;
}
