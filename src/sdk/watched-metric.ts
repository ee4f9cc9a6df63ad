/** A metric that a callback decides by: the best value so far, and whether a new one is better. */
import { z } from 'zod';
import { didYouMean } from '../util/near-names';
import type { CallbackState, EpochEnd, TrainingRun } from './contracts/callback';
import { UsageError } from './errors';

/** Options that say which metric, for the schema of a callback. */
export const watchedMetricOptions = {
  metric: z
    .string()
    .default('l_global/val')
    .describe('what is compared: the mean of a loss over a split (KEY/val, KEY/train), or a metric of an evaluator'),
  mode: z
    .enum(['min', 'max'])
    .nullable()
    .default(null)
    .describe('which values are better, the lower or the higher ones; null = as the metric says of itself'),
  min_delta: z.number().nonnegative().default(0).describe('a value counts as better where it is so by more than this'),
};

export interface WatchedMetricOptions {
  readonly metric: string;
  readonly mode: 'min' | 'max' | null;
  readonly min_delta: number;
}

const stateSchema = z.strictObject({ best: z.number().nullable(), step: z.int().nullable() });

/** Of what was measured now. */
export interface WatchedValue {
  readonly value: number;
  /** The first one is, one that is not finite never is. */
  readonly isBetter: boolean;
  /** The best one before; null for the first. */
  readonly before: number | null;
}

/**
 * Its owner calls {@link start}, {@link atEpochEnd} and {@link atEvaluationEnd} from its own moments, and keeps {@link state} in its
 * own. A value counts once a step, however often it is told of.
 */
export class WatchedMetric {
  #best: number | null = null;
  /** Where a value was taken last. */
  #step: number | null = null;
  #mode: 'min' | 'max';
  #isTold = false;

  /** @param owner name of the callback, for messages */
  constructor(
    private readonly owner: string,
    private readonly options: WatchedMetricOptions,
  ) {
    this.#mode = options.mode ?? 'min';
  }

  get best(): number | null {
    return this.#best;
  }

  /** @throws UsageError for a metric that the run does not have, and one that does not say which values are better */
  start({ metrics, evaluation }: TrainingRun): void {
    const { metric, mode } = this.options;
    const description = metrics[metric];
    if (description === undefined && (evaluation === null || mode === null)) {
      throw this.#unknown(Object.keys(metrics), evaluation === null ? [] : [this.#modeHint()]);
    }
    if (mode !== null) return;
    if (description?.better == null) {
      const what = `The callback ${this.owner} does not know which values of ${metric} are better.`;
      throw new UsageError(what, undefined, [this.#modeHint()]);
    }
    this.#mode = description.better === 'higher' ? 'max' : 'min';
  }

  /** The value where the metric is a loss and was measured. */
  atEpochEnd(run: TrainingRun, { train, val }: EpochEnd): WatchedValue | null {
    const named = [...withSplit(train, 'train'), ...withSplit(val, 'val')];
    return this.#take(run, Object.fromEntries(named)[this.options.metric]);
  }

  /**
   * The value where the metric is one of these.
   *
   * @throws UsageError at the first test, where no evaluator has announced the metric and none has measured it
   */
  atEvaluationEnd(run: TrainingRun, measured: Readonly<Record<string, number>>): WatchedValue | null {
    const { metric } = this.options;
    if (!(metric in run.metrics) && !(metric in measured) && this.#best === null) {
      throw this.#unknown([...new Set([...Object.keys(run.metrics), ...Object.keys(measured)])]);
    }
    return this.#take(run, measured[metric]);
  }

  /** Where training ends and the metric was never measured: a sentence that says so, once. */
  missing({ last }: EpochEnd): string | null {
    if (!last || this.#step !== null || this.#isTold) return null;
    this.#isTold = true;
    return `The metric ${this.options.metric} was never measured in this run: the callback ${this.owner} had nothing to go by.`;
  }

  #take({ position: { step } }: TrainingRun, value: number | undefined): WatchedValue | null {
    if (value === undefined || step === this.#step) return null;
    this.#step = step;
    const before = this.#best;
    const isBetter = Number.isFinite(value) && (before === null || this.#isBetter(value, before));
    if (isBetter) this.#best = value;
    return { value, isBetter, before };
  }

  #isBetter(value: number, than: number): boolean {
    const gain = this.#mode === 'max' ? value - than : than - value;
    return gain > this.options.min_delta;
  }

  state(): NonNullable<CallbackState['values']> {
    return { best: this.#best, step: this.#step };
  }

  /** @throws Error for a state that is none of a watched metric */
  loadState(values: unknown): void {
    const { best, step } = stateSchema.parse(values);
    this.#best = best;
    this.#step = step;
  }

  #unknown(known: readonly string[], hints: readonly string[] = []): UsageError {
    const { metric } = this.options;
    const why = [didYouMean(metric, known), `There are: ${known.join(', ')}.`].filter((text) => text !== undefined);
    return new UsageError(
      `This run has no metric ${metric}, which the callback ${this.owner} goes by.`,
      why.join(' '),
      [`training.${this.owner}.metric=${known[0] ?? 'l_global/val'}`, ...hints],
    );
  }

  #modeHint(): string {
    return `training.${this.owner}.mode=max    (higher values are better)`;
  }
}

function withSplit(losses: Readonly<Record<string, number>>, split: 'train' | 'val'): [string, number][] {
  return Object.entries(losses).map(([key, value]) => [`${key}/${split}`, value]);
}
