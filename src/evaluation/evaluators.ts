/** Runs the evaluators that `data.test.evaluators` names. */
import { componentNode, componentNodes, type OscConfig } from '../config';
import { createDataset, testSamples } from '../data';
import type { Model } from '../model';
import type { Registry } from '../registry';
import { LOGGER, UsageError, type Evaluator, type Logger, type Progress } from '../sdk';

export interface EvaluationOptions {
  readonly config: OscConfig;
  readonly registry: Registry;
  readonly model: Model;
  readonly progress: Progress;
  readonly logger: Logger;
}

/** All chosen evaluators, ready to be run again and again on a model that learns. */
export class Evaluation {
  private constructor(
    private readonly options: EvaluationOptions,
    private readonly evaluators: readonly Evaluator[],
    private readonly numSamples: number,
  ) {}

  /** Null where none is chosen. @throws UsageError for more test samples than there are */
  static async open(options: EvaluationOptions): Promise<Evaluation | null> {
    const { config, registry, logger } = options;
    const nodes = componentNodes(config, 'data.test.evaluators');
    if (nodes.length === 0) return null;
    const evaluators = await Promise.all(
      nodes.map((node) =>
        registry.create<Evaluator>('evaluator', node.name, {
          options: node.options,
          provide: new Map([[LOGGER, logger]]),
        }),
      ),
    );
    const dataset = await createDataset(registry, componentNode(config, 'data')!, logger);
    const size = await dataset.size('test');
    const wanted = config.data.test.max_samples ?? size;
    if (wanted > size) {
      throw new UsageError(`${wanted} test samples are asked for, but there are ${size}.`, undefined, [
        `data.test.max_samples=${size}`,
      ]);
    }
    return new Evaluation(options, evaluators, wanted);
  }

  /** @returns the metrics of all evaluators. @throws Error where two give one name */
  async run(): Promise<Record<string, number>> {
    const { config, registry, model, progress, logger } = this.options;
    const { crop_size: cropSize, normalize, on_bad_record: onBadRecord } = config.data;
    const dataset = componentNode(config, 'data')!;
    const metrics: Record<string, number> = {};
    for (const evaluator of this.evaluators) {
      const measured = await evaluator.evaluate({
        model,
        samples: () =>
          testSamples({ dataset, registry, count: this.numSamples, cropSize, normalize, onBadRecord, logger }),
        numSamples: this.numSamples,
        batchSize: config.training.batch_size,
        progress,
        logger,
      });
      progress.stop();
      for (const [name, value] of Object.entries(measured)) {
        if (name in metrics) throw new Error(`Two evaluators give the metric ${name}.`);
        metrics[name] = value;
      }
    }
    return metrics;
  }
}
