import type { Callback, CallbackState, EpochEnd, Logger, TrainingRun } from 'osc-trainer/sdk';
import {
  component,
  inject,
  LOGGER,
  OPTIONS,
  WatchedMetric,
  watchedMetricOptions,
  z,
  type WatchedValue,
} from 'osc-trainer/sdk';

const schema = z.strictObject({
  ...watchedMetricOptions,
  patience: z
    .int()
    .positive()
    .default(5)
    .describe('measurements in a row without a better value that end training: validations, or tests'),
});

const stateSchema = z.strictObject({ watched: z.unknown(), without: z.int().nonnegative() });

/** Ends training when a metric gets no better. */
@component({
  kind: 'callback',
  name: 'early-stopping',
  summary: 'Ends training when a metric has not become better for a while',
  options: schema,
})
export class EarlyStopping implements Callback {
  readonly #watched: WatchedMetric;
  /** Measurements since the best one. */
  #without = 0;

  constructor(
    @inject(OPTIONS) private readonly options: z.infer<typeof schema>,
    @inject(LOGGER) private readonly logger: Logger,
  ) {
    this.#watched = new WatchedMetric('early-stopping', options);
  }

  onStart(run: TrainingRun): void {
    this.#watched.start(run);
  }

  onEpochEnd(run: TrainingRun, epoch: EpochEnd): void {
    this.#judge(run, this.#watched.atEpochEnd(run, epoch));
    const missing = this.#watched.missing(epoch);
    if (missing !== null) this.logger.warn(missing);
  }

  onEvaluationEnd(run: TrainingRun, metrics: Readonly<Record<string, number>>): void {
    this.#judge(run, this.#watched.atEvaluationEnd(run, metrics));
  }

  #judge(run: TrainingRun, value: WatchedValue | null): void {
    if (value === null) return;
    this.#without = value.isBetter ? 0 : this.#without + 1;
    const { metric, patience } = this.options;
    if (this.#without < patience) return;
    const best = this.#watched.best === null ? 'was never finite' : `was best at ${this.#watched.best.toFixed(4)}`;
    const times = patience === 1 ? 'measurement' : `${patience} measurements`;
    run.stop(`${metric} ${best} and no better in the last ${times} (early-stopping).`);
  }

  state(): CallbackState {
    return { values: { watched: this.#watched.state(), without: this.#without } };
  }

  loadState({ values }: CallbackState): void {
    const { watched, without } = stateSchema.parse(values);
    this.#watched.loadState(watched);
    this.#without = without;
  }
}
