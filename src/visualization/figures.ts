/** The figures that `data.viz.figures` names: pictures of a model, drawn again and again as it learns. */
import type { OscConfig } from '../config';
import { figurePath } from '../run';
import type { Registry } from '../registry';
import {
  DIMENSIONS,
  isReportedError,
  LOGGER,
  RANDOM,
  RandomSource,
  UsageError,
  type Figure,
  type FigureContext,
  type Logger,
  type MaskSource,
  type ViewedModel,
} from '../sdk';
import { awaitForeign } from '../util/foreign-code';
import { FigureImages } from './figure-images';
import { writePicture } from './write-picture';

export interface FiguresOptions {
  readonly config: OscConfig;
  readonly registry: Pick<Registry, 'create' | 'lookup' | 'spec'>;
  readonly model: ViewedModel;
  /** Masks of slots that losses make. */
  readonly masks: readonly MaskSource[];
  readonly logger: Logger;
}

interface NamedFigure {
  readonly name: string;
  /** For messages: the name, and of a third party's its package. */
  readonly title: string;
  readonly figure: Figure;
}

/** All chosen figures. One that throws is reported once and left out: a picture ends no training. */
export class Figures {
  #active: readonly NamedFigure[];

  private constructor(
    figures: readonly NamedFigure[],
    private readonly context: FigureContext,
  ) {
    this.#active = figures;
  }

  /**
   * Null where no figure is chosen, and where `data.viz.max_samples` is 0.
   *
   * @throws UsageError for a figure that is listed twice, and for data that a figure needs and that is not there
   */
  static async open(options: FiguresOptions): Promise<Figures | null> {
    const count = options.config.data.viz.max_samples;
    if (count === 0) return null;
    const figures = await createFigures(options);
    if (figures.length === 0) return null;
    const opened = new Figures(figures, contextOf(options, count));
    await opened.#check();
    return opened;
  }

  /**
   * Draws each figure of the model as it is now.
   *
   * @param epochs epochs finished, as in the names of checkpoints
   * @returns paths of the PNGs, `figures/NAME-epoch-0005.png` in the run directory
   */
  async draw(epochs: number, runDir: string): Promise<string[]> {
    const paths: string[] = [];
    for (const one of this.#active) {
      const { name, title, figure } = one;
      try {
        const drawn = await awaitForeign(`the figure ${title}`, () => figure.draw(this.context));
        if ('none' in drawn) {
          this.#leaveOut(one);
          this.context.logger.info(`Nothing to draw for the figure ${title}: ${drawn.none}.`);
          continue;
        }
        const path = figurePath(runDir, name, epochs);
        await writePicture(drawn, path);
        paths.push(path);
      } catch (error) {
        this.#failed(one, error);
      }
    }
    return paths;
  }

  async #check(): Promise<void> {
    for (const one of this.#active) {
      try {
        await one.figure.check?.(this.context);
      } catch (error) {
        if (isReportedError(error)) throw error;
        this.#failed(one, error);
      }
    }
  }

  #failed(one: NamedFigure, error: unknown): void {
    this.#leaveOut(one);
    const { message, stack = message } = error instanceof Error ? error : new Error(String(error));
    this.context.logger.warn(`The figure ${one.title} failed and is left out from now on: ${message}`);
    this.context.logger.debug(stack);
  }

  #leaveOut(one: NamedFigure): void {
    this.#active = this.#active.filter((other) => other !== one);
  }
}

async function createFigures({ config, registry, model, logger }: FiguresOptions): Promise<NamedFigure[]> {
  const random = new RandomSource(config.data.viz.seed).scope('figures');
  const figures: NamedFigure[] = [];
  for (const { name, options } of config.data.viz.figures) {
    if (figures.some((other) => other.name === name)) {
      throw new UsageError(`data.viz.figures lists ${name} more than once.`);
    }
    const provide = new Map<symbol, unknown>([
      [DIMENSIONS, model.dimensions],
      [RANDOM, random.scope(name)],
      [LOGGER, logger],
    ]);
    const figure = await registry.create<Figure>('figure', name, { options, provide });
    const entry = registry.lookup('figure', name);
    const title = entry?.builtin === false ? `${name} of ${entry.packageName}` : name;
    figures.push({ name, title, figure });
  }
  return figures;
}

function contextOf({ config, registry, model, masks, logger }: FiguresOptions, count: number): FigureContext {
  const images = new FigureImages({ config, registry, logger });
  return {
    model: {
      dimensions: model.dimensions,
      usesObjects: model.usesObjects,
      globalFromSlots: model.globalFromSlots,
      forward: (batch, mode, numObjects) => model.forward(batch, mode, numObjects),
    },
    masks,
    testSamples: () => images.testSamples(),
    validationCrops: () => images.validationCrops(),
    count,
    normalize: config.data.normalize,
    logger,
  };
}
