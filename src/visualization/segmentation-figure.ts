/** The figure of a run: the first test scenes through the model, as a PNG grid. */
import { loadTestSamples, prepareDataset, type DatasetNode, type DatasetRegistry } from '../data';
import type { Model } from '../model';
import { forwardSamples, type Logger, type TestSample } from '../sdk';
import { unnormalizeImage, type Normalization } from '../sdk/image';
import { figurePath } from '../run';
import { segmentationGrid, type GridScene } from './segmentation-grid';
import { writePng } from './write-png';

export interface FigureOptions {
  readonly model: Model;
  readonly dataset: DatasetNode;
  readonly registry: DatasetRegistry;
  readonly cropSize: readonly [number, number];
  readonly normalize: Normalization;
  /** Scenes in the grid; fewer where the test split has fewer. */
  readonly count: number;
  readonly logger: Logger;
}

/** Draws the same scenes again and again, as a model learns. */
export class SegmentationFigure {
  private constructor(
    private readonly options: FigureOptions,
    private readonly samples: readonly TestSample[],
  ) {}

  /** Null for a model without slots, a data set without masks, or no scenes asked for: there is nothing to draw. */
  static async open(options: FigureOptions): Promise<SegmentationFigure | null> {
    if (options.count === 0 || !options.model.usesObjects) return null;
    const { size } = await prepareDataset(options.registry, options.dataset, 'test', options.logger);
    const count = Math.min(options.count, size);
    const samples = await loadTestSamples({ ...options, count });
    return samples.some(({ masks }) => masks === null) ? null : new SegmentationFigure(options, samples);
  }

  /**
   * @param epochs epochs finished, as in the names of checkpoints
   * @returns the path of the PNG, `figures/segmentation-epoch-0005.png` in the run directory
   */
  async draw(epochs: number, runDir: string): Promise<string> {
    const { model, cropSize, normalize } = this.options;
    const { attention, numSlots } = this.#attention();
    const perScene = attention.length / this.samples.length;
    const scenes = this.samples.map((sample, i): GridScene => ({
      image: unnormalizeImage(sample.image, cropSize, normalize),
      attention: attention.subarray(i * perScene, (i + 1) * perScene),
      masks: sample.masks!,
      numMasks: sample.numMasks,
      numBackground: sample.original.numBackground ?? 1,
    }));
    const path = figurePath(runDir, 'segmentation', epochs);
    const canvas = segmentationGrid(scenes, { imageSize: cropSize, grid: model.dimensions.grid, numSlots });
    await writePng(canvas, path);
    return path;
  }

  /** Attention of the last iteration, `[scenes, S, N]`. */
  #attention(): { attention: Float32Array; numSlots: number } {
    return forwardSamples(this.options.model, this.samples, { attention: true }, ({ attention }) => {
      const last = attention!.objects.at(-1)!;
      return { attention: Float32Array.from(last.dataSync()), numSlots: last.shape[1] };
    });
  }
}
