/** What a run ends with. */
import type { EpochRecord } from '../../run';
import type { TrainOutcome } from '../../training';

/** A loss averaged over the first and the last finished epoch. */
export interface FirstLast {
  readonly first: number;
  readonly last: number;
}

export interface TrainSummary {
  readonly status: TrainOutcome['status'];
  /** Why a callback ended training before its last epoch; null where none did. */
  readonly stopReason: string | null;
  readonly runDir: string;
  readonly checkpoint: string;
  readonly epochs: number;
  readonly steps: number;
  /** Of these, steps of this process; the rest was done before it was resumed. */
  readonly sessionSteps: number;
  /** By metric name (`l_global/train`); empty before the end of the first epoch. */
  readonly losses: Readonly<Record<string, FirstLast>>;
  /** Broken records that `data.on_bad_record=skip` left out in this process. */
  readonly skippedRecords: number;
  readonly imagesPerSecond: number;
  /** Of this process, preparation included. */
  readonly seconds: number;
}

export function summarise(
  outcome: TrainOutcome,
  { runDir, seconds, skippedRecords }: Pick<TrainSummary, 'runDir' | 'seconds' | 'skippedRecords'>,
): TrainSummary {
  const { status, stopReason, checkpoint, position, history, sessionSteps, imagesPerSecond } = outcome;
  return {
    status,
    stopReason,
    runDir,
    checkpoint,
    epochs: position.epoch,
    steps: position.step,
    sessionSteps,
    losses: firstLast(history),
    skippedRecords,
    imagesPerSecond,
    seconds,
  };
}

function firstLast(history: readonly EpochRecord[]): Record<string, FirstLast> {
  const losses: Record<string, FirstLast> = {};
  for (const split of ['train', 'val'] as const) {
    const measured = history.map((record) => record[split]).filter((values) => Object.keys(values).length > 0);
    for (const key of Object.keys(measured[0] ?? {})) {
      losses[`${key}/${split}`] = { first: measured[0]![key]!, last: measured.at(-1)![key]! };
    }
  }
  return losses;
}
