import { relative } from 'node:path';
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

const schema = z.strictObject(watchedMetricOptions);

const NAME = 'best';

/** Keeps the checkpoint whose metric is the best. */
@component({
  kind: 'callback',
  name: 'best-checkpoint',
  summary: 'Keeps one more checkpoint: the one whose metric is the best so far',
  options: schema,
})
export class BestCheckpoint implements Callback {
  readonly #watched: WatchedMetric;

  constructor(
    @inject(OPTIONS) private readonly options: z.infer<typeof schema>,
    @inject(LOGGER) private readonly logger: Logger,
  ) {
    this.#watched = new WatchedMetric('best-checkpoint', options);
  }

  onStart(run: TrainingRun): void {
    this.#watched.start(run);
  }

  async onEpochEnd(run: TrainingRun, epoch: EpochEnd): Promise<void> {
    await this.#keep(run, this.#watched.atEpochEnd(run, epoch));
    const missing = this.#watched.missing(epoch);
    if (missing !== null) this.logger.warn(missing);
  }

  async onEvaluationEnd(run: TrainingRun, metrics: Readonly<Record<string, number>>): Promise<void> {
    await this.#keep(run, this.#watched.atEvaluationEnd(run, metrics));
  }

  async #keep(run: TrainingRun, value: WatchedValue | null): Promise<void> {
    if (value?.isBetter !== true) return;
    const folder = await run.saveCheckpoint(NAME);
    const before = value.before === null ? '' : `, ${value.before.toFixed(4)} before`;
    const { metric } = this.options;
    this.logger.info(`Best ${metric}: ${value.value.toFixed(4)}${before}. Checkpoint ${relative(run.dir, folder)}`);
  }

  state(): CallbackState {
    return { values: this.#watched.state() };
  }

  loadState({ values }: CallbackState): void {
    this.#watched.loadState(values);
  }
}
