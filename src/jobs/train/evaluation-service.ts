/** Tests while training: what evaluators measure is kept in the run directory, plots beside it. */
import type { Evaluation } from '../../evaluation';
import { figurePath, metricsOf, writeEvaluations, type EvaluationRecord } from '../../run';
import type { CurvePlot, EvaluationRequest, MetricPoint } from '../../sdk';
import type { EvaluationService } from '../../training';
import { writeCurvePlot } from '../../visualization';

export class RunEvaluation implements EvaluationService {
  /** What was measured at one point, with one set of weights. */
  #measured: { readonly of: string; readonly records: readonly EvaluationRecord[] } = { of: '', records: [] };

  /** @param figures paths of the plots drawn are appended */
  constructor(
    private readonly evaluation: Evaluation,
    readonly epochInterval: number,
    private readonly runDir: string,
    private readonly figures: Set<string>,
  ) {}

  get metrics(): Evaluation['metrics'] {
    return this.evaluation.metrics;
  }

  async run(point: MetricPoint, { last, weights }: Required<EvaluationRequest>): Promise<Record<string, number>> {
    const of = `${point.step} ${weights}`;
    const before = this.#measured.of === of ? this.#measured.records : [];
    const plots: CurvePlot[] = [];
    const records = await this.evaluation.run({
      lastEpoch: last,
      except: new Set(before.map(({ evaluator }) => evaluator)),
      onPlot: (plot) => plots.push(plot),
    });
    if (records.length === 0) return {};
    const named = weights === null ? records : records.map((record) => ({ ...record, weights }));
    this.#measured = { of, records: [...before, ...named] };
    await writeEvaluations(this.runDir, point, this.#measured.records);
    for (const plot of plots) {
      const path = figurePath(this.runDir, plot.name, point.epoch + 1);
      await writeCurvePlot(plot, path);
      this.figures.add(path);
    }
    const { metrics } = this;
    return Object.fromEntries(Object.entries(metricsOf(records)).filter(([name]) => metrics[name]?.baseline !== true));
  }
}
