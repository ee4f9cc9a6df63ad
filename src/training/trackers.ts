/** Where metrics go. What is kept on disk is the truth; a server that fails costs no training. */
import { explainDiskError } from '../run';
import { isReportedError, type Logger, type MetricPoint, type RunInfo, type Tracker } from '../sdk';
import { awaitForeign } from '../util/foreign-code';
import { messageOf } from '../util/thrown';

export interface NamedTracker {
  readonly name: string;
  readonly tracker: Tracker;
}

/**
 * All trackers of a run. One that throws is reported once and left out; a disk that is full, and what a tracker tells the user
 * (UsageError, RunError), ends the run.
 */
export class Trackers {
  #active: readonly NamedTracker[];
  #run: RunInfo | undefined;

  constructor(
    trackers: readonly NamedTracker[],
    private readonly logger: Logger,
  ) {
    this.#active = trackers;
  }

  async start(run: RunInfo): Promise<void> {
    this.#run = run;
    await this.#each('start', (tracker) => tracker.start(run));
  }

  async log(metrics: Readonly<Record<string, number>>, point: MetricPoint): Promise<void> {
    if (Object.keys(metrics).length === 0) return;
    await this.#each('log', (tracker) => tracker.log(metrics, point));
  }

  /** Nothing where they were not started. */
  async finish(status: 'finished' | 'stopped' | 'failed'): Promise<void> {
    if (this.#run !== undefined) await this.#each('finish', (tracker) => tracker.finish(status));
  }

  async #each(what: string, body: (tracker: Tracker) => Promise<void>): Promise<void> {
    for (const one of this.#active) {
      try {
        await awaitForeign(`the tracker ${one.name}, in ${what}`, () => body(one.tracker));
      } catch (error) {
        const explained = explainDiskError(error, this.#run?.dir ?? '', []);
        if (isReportedError(explained)) throw explained;
        this.logger.warn(`The tracker ${one.name} failed in ${what} and is left out from now on: ${messageOf(error)}`);
        this.#active = this.#active.filter((other) => other !== one);
      }
    }
  }
}
